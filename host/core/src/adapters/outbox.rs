//! Events on their way to plugins, and letters on theirs to the mail transport.

use async_trait::async_trait;

use super::StoreResult;
use crate::event::Delivery;

/// How the outbox stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxStats {
    /// Deliveries still to be made.
    pub pending: u64,
    /// Deliveries given up.
    pub dead: u64,
    /// When the oldest pending one was written, in milliseconds since the Unix epoch.
    pub oldest_pending_ms: Option<i64>,
}

/// A delivery that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadDelivery {
    /// What, and how often it was tried.
    pub delivery: Delivery,
    /// Why the last attempt failed.
    pub error: String,
    /// When it was written, in milliseconds since the Unix epoch.
    pub created_ms: i64,
}

/// Where events and letters wait. They come in through [`Change::Enqueue`](super::Change::Enqueue) and
/// [`Change::Post`](super::Change::Post), in the transaction of their fact, and leave when they were taken:
/// at least once, and per user and plugin (letters: per user) in the order in which they were written.
#[async_trait]
pub trait OutboxAdapter: Send + Sync {
    /// The deliveries that are due at `now_ms`: of each user and plugin at most the first pending one,
    /// in the order of writing, at most `limit`.
    async fn due_deliveries(&self, now_ms: i64, limit: usize) -> StoreResult<Vec<Delivery>>;

    /// When the next delivery is due, in milliseconds since the Unix epoch; none if nothing waits.
    async fn next_due_ms(&self) -> StoreResult<Option<i64>>;

    /// Removes deliveries that were made.
    async fn mark_delivered(&self, ids: &[i64]) -> StoreResult<()>;

    /// Counts a failed attempt and puts the delivery off.
    async fn mark_failed(&self, id: i64, next_attempt_ms: i64, error: &str) -> StoreResult<()>;

    /// Gives a delivery up: it no longer holds up those behind it, and is kept for the operator.
    async fn mark_dead(&self, id: i64, error: &str) -> StoreResult<()>;

    /// The deliveries that were given up, in the order of writing, after the id `after`, at most `limit`.
    async fn list_dead(&self, after: i64, limit: usize) -> StoreResult<Vec<DeadDelivery>>;

    /// Lets deliveries that were given up be tried anew, from `now_ms` on and in their old places. How many
    /// of them there were.
    async fn revive(&self, ids: &[i64], now_ms: i64) -> StoreResult<usize>;

    /// How the outbox stands.
    async fn outbox_stats(&self) -> StoreResult<OutboxStats>;
}
