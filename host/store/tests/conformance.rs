//! The promises of the adapters, over every store of this crate.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Mutex;

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
