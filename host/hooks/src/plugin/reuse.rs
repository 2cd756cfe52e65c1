//! `[reuse]` of a manifest: whether an instance may serve more than one call, and how many.
//!
//! Off unless the operator asks for it: what one call leaves in memory can be read by the next.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long an instance may be kept, and how many. The presence of the table switches reuse on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reuse {
    /// Calls that one instance serves at most.
    pub max_calls: u64,
    /// How old an instance may get, in milliseconds.
    pub max_age_ms: u64,
    /// How long an instance waits for its next call, in milliseconds.
    pub max_idle_ms: u64,
    /// Instances that wait at the same time.
    pub max_idle: u64,
    /// An instance whose linear memories are larger than this after a call is not kept. Without it three
    /// quarters of the limit `memory_bytes`.
    pub max_memory_bytes: Option<u64>,
}

impl Default for Reuse {
    fn default() -> Self {
        Self { max_calls: 100, max_age_ms: 60_000, max_idle_ms: 10_000, max_idle: 4, max_memory_bytes: None }
    }
}

impl Reuse {
    /// The keys of the table.
    pub(crate) const KEYS: &'static [&'static str] =
        &["max_calls", "max_age_ms", "max_idle_ms", "max_idle", "max_memory_bytes"];

    /// The first key whose value can't be used, and why.
    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        for (name, value, least, most) in [
            // An instance of one call is what there is without the table.
            ("max_calls", self.max_calls, 2, 1_000_000),
            ("max_age_ms", self.max_age_ms, 1, 3_600_000),
            ("max_idle_ms", self.max_idle_ms, 1, 3_600_000),
            ("max_idle", self.max_idle, 1, 64),
            ("max_memory_bytes", self.max_memory_bytes.unwrap_or(1), 1, u64::MAX),
        ] {
            if value < least || value > most {
                let message = match most {
                    u64::MAX => format!("`{name}` = {value} must be at least {least}"),
                    _ => format!("`{name}` = {value} is not between {least} and {most}"),
                };
                return Err((name, message));
            }
        }
        Ok(())
    }

    /// The high-water mark, of a plugin with that limit on its memory.
    #[must_use]
    pub fn memory_mark(&self, memory_bytes: u64) -> u64 {
        self.max_memory_bytes.unwrap_or(memory_bytes / 4 * 3)
    }

    pub(crate) const fn age(&self) -> Duration {
        Duration::from_millis(self.max_age_ms)
    }

    pub(crate) const fn idle_time(&self) -> Duration {
        Duration::from_millis(self.max_idle_ms)
    }
}
