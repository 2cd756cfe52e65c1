//! What was acknowledged stays, whatever happens to the process.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use hookgate_core::adapters::{Announcement, Change};
use hookgate_core::clock::Timestamp;
use hookgate_core::hooks::{Hook, RequestContext};
use hookgate_core::token::{Token, TokenKey, TokenKind};
use hookgate_store::{SqliteConfig, SqliteStore};
use tokio::task::JoinSet;

use crate::support::{Place, create, is_there, user};

/// Tells the child of the crash test where to write.
const CRASH_FILE: &str = "HOOKGATE_STORE_CRASH_FILE";

/// What the child prints before the name of a user whose commit has returned.
const ACKNOWLEDGED: &str = "acknowledged ";

/// A user, a token and an event, in one transaction.
fn facts(id: &str) -> Vec<Change> {
    let user = user(id);
    let token = Token {
        key: TokenKey::of(id),
        kind: TokenKind::Verification,
        user_id: user.id.clone(),
        session_id: None,
        data: serde_json::Value::Null,
        created_at: Timestamp(1),
        expires_at: Timestamp(i64::MAX),
    };
    let event = hookgate_core::event::Event::new(Hook::OnSignup, user.clone(), RequestContext::default());
    vec![
        Change::CreateUser { user, password_hash: None },
        Change::CreateToken(token),
        Change::Enqueue(Announcement { event, plugins: vec!["crm".to_owned()] }),
    ]
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let place = Place::new();
    place.open().adapters().transactions.commit(facts("ada")).await.unwrap();
    assert!(!place.folder.path().join("hookgate.db-wal").exists(), "an orderly end leaves one file");

    let adapters = place.open().adapters();
    assert!(is_there(&adapters, "ada").await);
    let token = adapters.tokens.get_token(&TokenKey::of("ada"), TokenKind::Verification, Timestamp(2)).await;
    assert!(token.unwrap().is_some());
    let due = adapters.outbox.due_deliveries(i64::MAX, 9).await.unwrap();
    assert_eq!(due.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_keeps_every_acknowledged_commit() {
    for round in 0..3 {
        let place = Place::new();
        let acknowledged = run_until_killed(&place.path(), 400 + 150 * round);

        let store = place.open();
        assert_eq!(store.integrity_check().unwrap(), [""; 0]);
        let adapters = store.adapters();
        for id in &acknowledged {
            assert!(is_there(&adapters, id).await, "the acknowledged user {id} is lost");
        }
        // Whatever else is there came as a whole.
        let users = adapters.users.list_users(None, usize::MAX).await.unwrap();
        let events = adapters.outbox.due_deliveries(i64::MAX, usize::MAX).await.unwrap();
        assert!(users.len() >= acknowledged.len());
        assert_eq!(events.len(), users.len(), "each user has its event");
        for user in users {
            let key = TokenKey::of(user.id.as_str());
            let token = adapters.tokens.get_token(&key, TokenKind::Verification, Timestamp(2)).await.unwrap();
            assert!(token.is_some(), "{} has its token", user.id);
        }
        create(&adapters, "afterwards").await.unwrap();
    }
}

/// Runs a writing child and kills it after so many acknowledgements; returns all that it gave.
fn run_until_killed(path: &Path, count: usize) -> Vec<String> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "durability::crash_child", "--nocapture", "--test-threads=1"])
        .env(CRASH_FILE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        if let Some(id) = line.unwrap().strip_prefix(ACKNOWLEDGED) {
            acknowledged.push(id.to_owned());
        }
        if acknowledged.len() == count {
            child.kill().unwrap();
        }
    }
    assert!(!child.wait().unwrap().success(), "the child was killed");
    assert!(acknowledged.len() >= count, "the child had written {} users", acknowledged.len());
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that a_killed_process_keeps_every_acknowledged_commit kills"]
async fn crash_child() {
    let path = env::var_os(CRASH_FILE).expect("only the crash test runs this");
    let adapters = SqliteStore::open(SqliteConfig::new(path)).unwrap().adapters();
    let mut tasks = JoinSet::new();
    for task in 0..16 {
        let adapters = adapters.clone();
        tasks.spawn(async move {
            for number in 0.. {
                let id = format!("user-{task}-{number}");
                adapters.transactions.commit(facts(&id)).await.unwrap();
                println!("{ACKNOWLEDGED}{id}");
            }
        });
    }
    tasks.join_all().await;
}
