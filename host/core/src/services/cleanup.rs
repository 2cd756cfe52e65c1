//! Taking out what has expired.

use super::Services;
use crate::adapters::StoreResult;

/// Rows of a kind that are removed in one transaction. Small, so that requests get in between.
const BATCH: usize = 500;

impl Services {
    /// Removes expired tokens, sessions, failed sign-ins and short-lived state, what
    /// plugins kept for a time. Nothing of it is
    /// visible any more; this gives the space back. Returns how many rows went.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn cleanup(&self) -> StoreResult<usize> {
        let mut total = 0;
        loop {
            let now = self.clock.now();
            let removed = self.adapters.tokens.cleanup_expired_tokens(now, BATCH).await?
                + self.adapters.sessions.cleanup_expired_sessions(now, BATCH).await?
                + self.adapters.login_attempts.cleanup_expired_attempts(now, BATCH).await?
                + self.adapters.backend.cleanup_expired_state(now, BATCH).await?
                + self.adapters.plugin_kv.cleanup_expired_kv(self.clock.now_ms(), BATCH).await?;
            total += removed;
            if removed == 0 {
                return Ok(total);
            }
        }
    }
}
