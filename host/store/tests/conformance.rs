//! The promises of the adapters, over every store of this crate.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use hookgate_core::adapters::{Adapters, Sequential};
use hookgate_store::{MemoryStore, SqliteConfig, SqliteStore, conformance};
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_keeps_every_promise() {
    let folders: Mutex<Vec<TempDir>> = Mutex::default();
    conformance::run_all(async || {
        let folder = TempDir::new().unwrap();
        let store = SqliteStore::open(SqliteConfig::new(folder.path().join("hookgate.db"))).unwrap();
        folders.lock().unwrap().push(folder);
        store.adapters()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_keeps_every_promise() {
    conformance::run_all(async || MemoryStore::new().adapters()).await;
}

/// Changes that are made one by one through their adapters mean what they mean in a transaction.
#[tokio::test]
async fn sequential_changes_mean_the_same() {
    let told_apart = ["transactions", "racing"];
    for check in
        conformance::checks().filter(|check| !told_apart.iter().any(|part| check.name().contains(part)))
    {
        let adapters = MemoryStore::new().adapters();
        let sequential = Sequential {
            users: adapters.users.clone(),
            sessions: adapters.sessions.clone(),
            tokens: adapters.tokens.clone(),
            oauth_accounts: adapters.oauth_accounts.clone(),
            roles: adapters.roles.clone(),
            passkeys: adapters.passkeys.clone(),
            login_attempts: adapters.login_attempts.clone(),
            rest: adapters.transactions.clone(),
        };
        check.run(Adapters { transactions: Arc::new(sequential), ..adapters }).await;
    }
}
