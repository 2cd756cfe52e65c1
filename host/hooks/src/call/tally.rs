//! How the calls of one version of a plugin ended, so far.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use hookgate_core::hooks::Stage;
use tokio::sync::Notify;

/// Counts, and somebody to wake.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    calls: AtomicU64,
    failures: AtomicU64,
    alarm: OnceLock<Alarm>,
}

#[derive(Debug)]
struct Alarm {
    failures: u64,
    listener: Arc<Notify>,
}

/// What a tally says at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) calls: u64,
    pub(crate) failures: u64,
}

impl Tally {
    pub(crate) fn called(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// A call that was counted has failed. What the host is to blame for does not count: another version
    /// would fare no better.
    pub(crate) fn failed(&self, stage: &Stage) {
        if matches!(stage, Stage::Host(_) | Stage::Queue { .. } | Stage::Budget { .. }) {
            return;
        }
        let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(alarm) = self.alarm.get().filter(|alarm| failures >= alarm.failures) {
            alarm.listener.notify_one();
        }
    }

    pub(crate) fn count(&self) -> Count {
        // In this order: never more failures than calls.
        let failures = self.failures.load(Ordering::Relaxed);
        Count { calls: self.calls.load(Ordering::Relaxed).max(failures), failures }
    }

    /// Wakes the listener from so many failures on.
    pub(crate) fn wake(&self, listener: &Arc<Notify>, failures: u64) {
        let alarm = Alarm { failures, listener: Arc::clone(listener) };
        // The first one stays; there is but one listener.
        self.alarm.get_or_init(|| alarm);
    }
}

impl Count {
    /// Failures in a hundred calls.
    pub(crate) fn percent(self) -> u64 {
        self.failures.saturating_mul(100).checked_div(self.calls).unwrap_or(0)
    }
}
