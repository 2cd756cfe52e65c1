//! Where the server's own signing keys live.

use async_trait::async_trait;

use super::StoreResult;
use crate::signing_key::SigningKey;

/// A short list of keys that several processes share.
#[async_trait]
pub trait SigningKeyAdapter: Send + Sync {
    /// Every key, in the order in which they were added.
    async fn list_signing_keys(&self) -> StoreResult<Vec<SigningKey>>;

    /// Adds a key, if `newest` is still the one that was added last (none: if there is no key), and says
    /// whether it did. Of several callers who want to succeed the same key exactly one does.
    async fn add_signing_key(&self, key: SigningKey, newest: Option<&str>) -> StoreResult<bool>;

    /// Raises `longest_ttl` of a key to `ttl`; it never gets smaller, and nothing happens if there is no
    /// such key.
    async fn raise_longest_ttl(&self, kid: &str, ttl: i64) -> StoreResult<()>;

    /// Removes a key; nothing happens if there is none.
    async fn delete_signing_key(&self, kid: &str) -> StoreResult<()>;
}
