//! What one request holds of the plugins: a generation, and the time that its hooks may still take.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hookgate_core::hooks::Stage;

use super::generation::Generation;

/// A generation that a request has pinned.
pub(crate) struct Pinned {
    generation: Arc<Generation>,
    /// What the calls of this request have taken so far, in microseconds.
    spent_us: AtomicU64,
}

impl Pinned {
    pub(crate) const fn new(generation: Arc<Generation>) -> Self {
        Self { generation, spent_us: AtomicU64::new(0) }
    }

    pub(crate) fn generation(&self) -> &Generation {
        &self.generation
    }

    /// What is left of the time for all hooks of the request.
    pub(crate) fn left(&self, budget: Duration) -> Result<Duration, Stage> {
        let spent = Duration::from_micros(self.spent_us.load(Ordering::Relaxed));
        match budget.saturating_sub(spent) {
            Duration::ZERO => {
                Err(Stage::Budget { limit_ms: u64::try_from(budget.as_millis()).unwrap_or(u64::MAX) })
            }
            left => Ok(left),
        }
    }

    pub(crate) fn spend(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.spent_us.fetch_add(took, Ordering::Relaxed);
    }
}
