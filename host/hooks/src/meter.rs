//! How long one call was on a processor.
//!
//! A call that waits (for a clock, for a remote server) costs nobody anything; one that computes takes a
//! processor from the logins. So time is counted twice: by the clock on the wall, and here, only while
//! the call's future is being polled.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The processor time of one call.
pub(crate) struct Meter {
    began: Instant,
    /// Of the polls that are over.
    used_ns: AtomicU64,
    /// When the poll that is under way began, after `began`.
    resumed_ns: AtomicU64,
}

impl Meter {
    pub(crate) fn start(now: Instant) -> Arc<Self> {
        Arc::new(Self { began: now, used_ns: AtomicU64::new(0), resumed_ns: AtomicU64::new(0) })
    }

    /// The time used so far; to be called within a poll.
    pub(crate) fn used(&self, now: Instant) -> Duration {
        let resumed = self.resumed_ns.load(Ordering::Relaxed);
        let slice = self.since_began(now).saturating_sub(resumed);
        Duration::from_nanos(self.used_ns.load(Ordering::Relaxed).saturating_add(slice))
    }

    /// The time of all polls that are over.
    pub(crate) fn total(&self) -> Duration {
        Duration::from_nanos(self.used_ns.load(Ordering::Relaxed))
    }

    /// Runs `call` and counts the time in which it is polled.
    pub(crate) async fn measure<F: Future>(&self, call: F) -> F::Output {
        let mut call = pin!(call);
        poll_fn(|cx| {
            let resumed = self.since_began(Instant::now());
            self.resumed_ns.store(resumed, Ordering::Relaxed);
            let poll = call.as_mut().poll(cx);
            let slice = self.since_began(Instant::now()).saturating_sub(resumed);
            self.used_ns.fetch_add(slice, Ordering::Relaxed);
            poll
        })
        .await
    }

    fn since_began(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.began).as_nanos()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_costs_nothing_and_computing_does() {
        let meter = Meter::start(Instant::now());
        let began = Instant::now();
        let call = meter.measure(async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = Instant::now();
            while now.elapsed() < Duration::from_millis(20) {
                std::hint::spin_loop();
            }
            meter.used(Instant::now())
        });
        let used = call.await;
        assert!(used >= Duration::from_millis(20), "{used:?}");
        assert!(used < began.elapsed() - Duration::from_millis(40), "{used:?}");
    }
}
