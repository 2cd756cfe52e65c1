//! Takes back a version that fails much more often than the one before: a mistake in the night costs some
//! sign-ins and not all of them until the morning.
//!
//! Only versions that replaced one are taken back. A new plugin that fails keeps failing closed, since
//! the way back would be not to ask it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::PluginFolder;
use super::served::Served;
use crate::call::tally::Count;

/// When a new version is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AutoRollBack {
    /// After so many failed calls at the earliest.
    pub failures: u64,
    /// If so many in a hundred calls fail, and twice as many as of the version before.
    pub percent: u64,
    /// For how long a version is new.
    pub window: Duration,
}

impl Default for AutoRollBack {
    fn default() -> Self {
        Self { failures: 5, percent: 50, window: Duration::from_mins(5) }
    }
}

/// A version that is new.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probation {
    until: Instant,
    /// How the version before did.
    before: Count,
}

impl AutoRollBack {
    fn is_bad(&self, before: Count, now: Count) -> bool {
        now.failures >= self.failures
            && now.percent() >= self.percent
            && now.percent() >= before.percent().saturating_mul(2)
    }
}

impl PluginFolder {
    /// Takes back new versions that fail. Without an archive there is nothing to go back to.
    #[must_use]
    pub fn with_auto_roll_back(mut self, policy: AutoRollBack) -> Self {
        self.auto_roll_back = self.archive.is_some().then_some(policy);
        self
    }

    /// Keeps an eye on a version that replaces another.
    pub(super) fn put_on_probation(&self, before: &Served, now: &Served) -> Option<Probation> {
        let policy = self.auto_roll_back?;
        now.plugin.tally().wake(&self.trouble, policy.failures);
        Some(Probation { until: Instant::now() + policy.window, before: before.plugin.tally().count() })
    }

    /// Woken when a version on probation has failed several times. Whether there is something to look at
    /// now, is looked at then.
    pub(crate) fn trouble(&self) -> Arc<tokio::sync::Notify> {
        Arc::clone(&self.trouble)
    }

    /// Takes back what is bad by now.
    pub(crate) async fn judge(&mut self) {
        let Some(policy) = self.auto_roll_back else { return };
        let now = Instant::now();
        let mut bad = Vec::new();
        for (name, entry) in &mut self.entries {
            let (Some(probation), Some(served)) = (entry.probation, &entry.serving) else { continue };
            let count = served.plugin.tally().count();
            if now > probation.until {
                entry.probation = None;
            } else if policy.is_bad(probation.before, count) {
                // Whatever comes of it: not again for this version.
                entry.probation = None;
                bad.push((name.clone(), count));
            }
        }
        for (name, Count { calls, failures }) in bad {
            let by = format!("by itself, since {failures} of {calls} calls failed");
            match self.roll_back(Some(&name), None, &by).await {
                Ok(_) => tracing::error!(
                    plugin = %name, calls, failures,
                    "a new version of a plugin fails too often: the one before serves again"
                ),
                Err(error) => tracing::error!(
                    plugin = %name, calls, failures, %error,
                    "a new version of a plugin fails too often, and it can't be taken back"
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_of_the_failure_rate_is_bad_and_an_old_habit_is_not() {
        let policy = AutoRollBack::default();
        let count = |calls, failures| Count { calls, failures };
        let fresh = Count::default();
        assert!(!policy.is_bad(fresh, count(4, 4)), "too few to tell");
        assert!(policy.is_bad(fresh, count(5, 5)));
        assert!(policy.is_bad(count(1000, 10), count(10, 6)));
        assert!(!policy.is_bad(fresh, count(100, 6)), "six in a hundred");
        assert!(!policy.is_bad(count(100, 60), count(10, 7)), "so did the one before");
    }
}
