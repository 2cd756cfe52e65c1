//! FastAuth's `SessionBackend`: short-lived state by key.

use async_trait::async_trait;
use serde_json::Value;

use super::StoreResult;
use crate::clock::Timestamp;

/// A key-value store whose entries end by themselves: OAuth state, WebAuthn challenges.
#[async_trait]
pub trait SessionBackend: Send + Sync {
    /// The value of a key, unless it is expired at `now`.
    async fn read(&self, key: &str, now: Timestamp) -> StoreResult<Option<Value>>;

    /// Sets a key until `expires_at`; an older value is replaced.
    async fn write(&self, key: &str, value: Value, expires_at: Timestamp) -> StoreResult<()>;

    /// Removes a key; nothing happens if there is none.
    async fn delete(&self, key: &str) -> StoreResult<()>;

    /// Whether a key is there and not expired at `now`.
    async fn exists(&self, key: &str, now: Timestamp) -> StoreResult<bool> {
        Ok(self.read(key, now).await?.is_some())
    }

    /// Reads and removes a key in one step: of several callers exactly one gets the value. (FastAuth
    /// reads, then deletes; two callers could both win.)
    async fn take(&self, key: &str, now: Timestamp) -> StoreResult<Option<Value>>;

    /// Removes what is expired at `now`, at most `limit` entries, and says how many.
    async fn cleanup_expired_state(&self, now: Timestamp, limit: usize) -> StoreResult<usize>;
}
