//! How long one call was in host functions that may wait: `kv`, `http`, `log` and those of WASI.
//!
//! What answers out of the call's own memory (`config`, `request`, `clock`, `random`) is over sooner than a clock
//! is read.

use std::time::{Duration, Instant};

/// The time that one call spends in host functions. They tell when they are entered and left; for those of WASI,
/// which are not this crate's, the engine does.
#[derive(Debug, Default)]
pub(crate) struct HostCalls {
    done: Duration,
    entered: Option<Instant>,
    /// A host function may call the guest's allocator, and that again the host.
    depth: u32,
    is_tick: bool,
}

impl HostCalls {
    pub(crate) fn enter(&mut self) {
        if self.depth == 0 {
            self.entered = Some(Instant::now());
        }
        self.depth += 1;
    }

    pub(crate) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth > 0 {
            return;
        }
        let entered = self.entered.take();
        // The engine's own clock tick is a host function too, but not one that the guest called.
        if std::mem::take(&mut self.is_tick) {
            return;
        }
        self.done += entered.map(|at| at.elapsed()).unwrap_or_default();
    }

    /// The host function that runs is the clock's, which may let other calls run.
    pub(crate) const fn is_tick(&mut self) {
        self.is_tick = self.depth == 1;
    }

    /// The time so far, with that of a function that was cut short.
    pub(crate) fn total(&self) -> Duration {
        self.done + self.entered.map(|at| at.elapsed()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(2);

    #[test]
    fn nested_calls_count_once_and_the_clock_not_at_all() {
        let mut calls = HostCalls::default();
        calls.enter();
        calls.enter();
        std::thread::sleep(MOMENT);
        calls.leave();
        assert_eq!(calls.done, Duration::ZERO, "the outer one is not over");
        calls.leave();
        let done = calls.total();
        assert!(done >= MOMENT, "{done:?}");

        calls.enter();
        calls.is_tick();
        std::thread::sleep(MOMENT);
        calls.leave();
        assert_eq!(calls.total(), done);
    }

    #[test]
    fn what_was_cut_short_counts() {
        let mut calls = HostCalls::default();
        calls.enter();
        std::thread::sleep(MOMENT);
        assert!(calls.total() >= MOMENT);
    }
}
