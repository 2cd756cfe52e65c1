//! Opening: new files, old files, other people's files.

use std::fs;
use std::path::PathBuf;
use std::thread;

use hookgate_store::{OpenError, SqliteConfig, SqliteStore};
use rusqlite::Connection;

use crate::support::{Place, create, is_there};

fn refusal(place: &Place) -> OpenError {
    SqliteStore::open(place.config()).expect_err("this file can't be opened")
}

#[tokio::test]
async fn a_new_file_gets_the_schema() {
    let place = Place::new();
    create(&place.open().adapters(), "ada").await.unwrap();

    let file = place.stranger();
    let version: i64 = file.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let mode: String = file.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert!(version >= 2, "{version}");
    assert_eq!(mode, "wal");
    let lax: Vec<String> = file
        .prepare(
            "SELECT name FROM pragma_table_list
             WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' AND strict = 0",
        )
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(lax, [""; 0], "every table is STRICT");
}

#[tokio::test]
async fn an_older_file_is_brought_up_to_date() {
    let place = Place::new();
    let file = place.stranger();
    file.execute_batch(include_str!("../../src/sqlite/migrations/0001_init.sql")).unwrap();
    file.pragma_update(None, "application_id", 0x486B_6774).unwrap();
    file.pragma_update(None, "user_version", 1).unwrap();
    drop(file);

    let adapters = place.open().adapters();
    create(&adapters, "ada").await.unwrap();
    assert_eq!(adapters.plugin_kv.kv_get("plugin", "key", 0).await.unwrap(), None);
}

#[tokio::test]
async fn an_empty_file_is_a_new_one() {
    let place = Place::new();
    fs::write(place.path(), "").unwrap();
    let adapters = place.open().adapters();
    create(&adapters, "ada").await.unwrap();
    assert!(is_there(&adapters, "ada").await);
}

#[test]
fn several_processes_may_create_it_at_once() {
    for _ in 0..20 {
        let place = Place::new();
        thread::scope(|scope| {
            let openers: Vec<_> = (0..4).map(|_| scope.spawn(|| SqliteStore::open(place.config()))).collect();
            for opener in openers {
                opener.join().unwrap().expect("each of them gets in");
            }
        });
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::new();
    let store = place.open();
    create(&store.adapters(), "ada").await.unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(place.folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["hookgate.db", "hookgate.db-shm", "hookgate.db-wal"]);
}

#[test]
fn a_name_is_a_name() {
    // Neither a database in memory nor a URI, whatever SQLite makes of such names.
    let place = Place::new();
    for name in [":memory:", "file:x?mode=memory", "a b%20c.db"] {
        let path = place.folder.path().join(name);
        drop(SqliteStore::open(SqliteConfig::new(&path)).unwrap());
        assert!(path.is_file(), "{name}");
    }
}

#[test]
fn a_newer_schema_is_refused() {
    let place = Place::new();
    drop(place.open());
    place.stranger().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(place.path()).unwrap();

    let error = refusal(&place);
    assert!(matches!(error, OpenError::TooNew { found: 99, .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("has schema version 99") && text.contains("up to "), "{text}");
    assert_eq!(fs::read(place.path()).unwrap(), before, "and left as it is");
}

#[test]
fn what_is_no_database_is_refused() {
    for content in ["hello", &"no database at all\n".repeat(1000)] {
        let place = Place::new();
        fs::write(place.path(), content).unwrap();
        let error = refusal(&place);
        assert!(matches!(error, OpenError::NotSqlite { .. }), "{error:?}");
        assert!(error.to_string().ends_with("hookgate.db is not a SQLite database"), "{error}");
        assert_eq!(fs::read_to_string(place.path()).unwrap(), content, "and left as it is");
    }
}

#[test]
fn another_programs_database_is_refused() {
    let strangers: [fn(&Connection) -> rusqlite::Result<()>; 3] = [
        |file| file.execute_batch("CREATE TABLE notes (text TEXT)"),
        |file| file.pragma_update(None, "user_version", 1),
        |file| file.pragma_update(None, "application_id", 7),
    ];
    for make in strangers {
        let place = Place::new();
        make(&place.stranger()).unwrap();
        let before = fs::read(place.path()).unwrap();
        let error = refusal(&place);
        assert!(matches!(error, OpenError::NotOurs { .. }), "{error:?}");
        assert!(error.to_string().contains("of another program"), "{error}");
        assert_eq!(fs::read(place.path()).unwrap(), before, "and left as it is");
    }
}

#[test]
fn a_missing_folder_is_named() {
    let place = Place::new();
    let path: PathBuf = place.folder.path().join("missing").join("hookgate.db");
    let error = SqliteStore::open(SqliteConfig::new(&path)).expect_err("there is no such folder");
    assert!(matches!(error, OpenError::Create { .. }), "{error:?}");
    assert!(error.to_string().contains("missing/hookgate.db can't be created"), "{error}");
    assert!(!path.exists());
}

#[test]
fn a_folder_is_no_file() {
    let place = Place::new();
    fs::create_dir(place.path()).unwrap();
    let error = refusal(&place);
    assert!(matches!(error, OpenError::Sqlite { .. }), "{error:?}");
}
