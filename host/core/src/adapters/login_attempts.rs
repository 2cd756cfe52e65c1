//! Failed sign-ins. FastAuth keeps them among the tokens; here they have a place of their own, since
//! most keys stand for no user.

use async_trait::async_trait;

use super::{LockoutRule, StoreResult};
use crate::clock::Timestamp;

/// What is known of one key (an address, a user, a peer).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoginAttempts {
    /// Failures in a row.
    pub failures: u32,
    /// Until when even the right password fails.
    pub locked_until: Option<Timestamp>,
}

impl LoginAttempts {
    /// Whether the key is locked.
    #[must_use]
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.locked_until.is_some_and(|until| now < until)
    }
}

/// Counts failed sign-ins.
#[async_trait]
pub trait LoginAttemptAdapter: Send + Sync {
    /// The sum over several keys: the most failures, the latest lock. Expired records don't count.
    async fn get_attempts(&self, keys: &[String], now: Timestamp) -> StoreResult<LoginAttempts>;

    /// Counts one failure for each key, atomically; a key that is locked is left alone. Whether the first of
    /// the keys is locked by it, and was not before.
    async fn record_failure(&self, keys: &[String], rule: LockoutRule, now: Timestamp) -> StoreResult<bool>;

    /// Forgets keys.
    async fn clear_attempts(&self, keys: &[String]) -> StoreResult<()>;

    /// Removes what is expired at `now`, at most `limit` records, and says how many.
    async fn cleanup_expired_attempts(&self, now: Timestamp, limit: usize) -> StoreResult<usize>;
}
