//! Backups of a database in use, and the check of its integrity.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hookgate_store::{SqliteConfig, SqliteStore};

use crate::support::{Place, create, is_there};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_holds_what_was_committed_before_it() {
    let place = Place::new();
    let store = place.open();
    let adapters = store.adapters();
    for number in 0..50 {
        create(&adapters, &format!("early-{number}")).await.unwrap();
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let (adapters, is_over) = (adapters.clone(), is_over.clone());
        async move {
            let mut number = 0;
            while !is_over.load(Ordering::Relaxed) {
                create(&adapters, &format!("late-{number}")).await.unwrap();
                number += 1;
            }
            number
        }
    });

    let to = place.folder.path().join("backup.db");
    let backup = tokio::task::spawn_blocking({
        let (store, to) = (store.clone(), to.clone());
        move || store.backup(&to)
    });
    backup.await.unwrap().unwrap();
    is_over.store(true, Ordering::Relaxed);
    assert!(writer.await.unwrap() > 0, "writes go on meanwhile");

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&to).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "a backup holds the same secrets");
    }
    let copy = SqliteStore::open(SqliteConfig::new(&to)).unwrap();
    assert_eq!(copy.integrity_check().unwrap(), [""; 0]);
    for number in 0..50 {
        assert!(is_there(&copy.adapters(), &format!("early-{number}")).await);
    }
    create(&copy.adapters(), "new").await.unwrap();
    assert!(!is_there(&adapters, "new").await, "the copy is a database of its own");
}

#[test]
fn a_backup_overwrites_nothing() {
    let place = Place::new();
    let store = place.open();
    let to = place.folder.path().join("precious");
    fs::write(&to, "precious").unwrap();
    let error = store.backup(&to).expect_err("there is a file of that name");
    assert!(error.to_string().contains("precious exists"), "{error}");
    assert_eq!(fs::read_to_string(&to).unwrap(), "precious");
    store.backup(&place.path()).expect_err("least of all the database itself");
    assert_eq!(store.integrity_check().unwrap(), [""; 0]);
}

#[test]
fn a_backup_needs_its_folder() {
    let place = Place::new();
    let to = place.folder.path().join("missing").join("backup.db");
    place.open().backup(&to).expect_err("there is no such folder");
    assert!(!to.exists());
}

#[test]
fn what_is_wrong_is_named() {
    let place = Place::new();
    let store = place.open();
    assert_eq!(store.integrity_check().unwrap(), [""; 0], "all is well at first");
    place
        .stranger()
        .execute_batch(
            "PRAGMA foreign_keys = OFF;
             INSERT INTO user_roles (user_id, role) VALUES ('nobody', 'nothing');",
        )
        .unwrap();
    let problems = store.integrity_check().unwrap();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains("user_roles"), "{problems:?}");
}
