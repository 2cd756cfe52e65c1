//! A database in a folder of its own, and what the tests do with it.

use std::path::PathBuf;
use std::time::Duration;

use hookgate_core::adapters::{Adapters, StoreResult};
use hookgate_core::clock::Timestamp;
use hookgate_core::ids::UserId;
use hookgate_core::user::User;
use hookgate_store::{SqliteConfig, SqliteStore};
use rusqlite::Connection;
use tempfile::TempDir;

/// A folder with a database that is there or will be.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("hookgate.db")
    }

    pub(crate) fn config(&self) -> SqliteConfig {
        SqliteConfig::new(self.path())
    }

    pub(crate) fn open(&self) -> SqliteStore {
        SqliteStore::open(self.config()).unwrap()
    }

    /// A connection of somebody else.
    pub(crate) fn stranger(&self) -> Connection {
        let connection = Connection::open(self.path()).unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        connection
    }
}

pub(crate) fn user(id: &str) -> User {
    User {
        id: UserId::from(id),
        email: format!("{id}@example.com"),
        name: None,
        image: None,
        email_verified: false,
        is_active: true,
        created_at: Timestamp(1),
        updated_at: Timestamp(1),
        deleted_at: None,
    }
}

pub(crate) async fn create(adapters: &Adapters, id: &str) -> StoreResult<()> {
    adapters.users.create_user(user(id), None).await
}

pub(crate) async fn is_there(adapters: &Adapters, id: &str) -> bool {
    adapters.users.get_user_by_id(&UserId::from(id)).await.unwrap().is_some()
}

/// Waits until something is so, for at most ten seconds.
pub(crate) async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..1000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to pass that {what}");
}
