//! How long one call was on a processor.
//!
//! A call that waits (for a clock, for a remote server) costs nobody anything; one that computes takes a
//! processor from the logins. So time is counted twice: by the clock on the wall, and here, only while
//! the call's future is being polled, and without the time in which the machine ran something else: a plugin
//! is not to blame for a busy machine.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use super::ticker::TICK;

/// Polls that were shorter count by the clock on the wall: the thread's own is a system call, and most calls are
/// over long before. A guest gives way at every tick of the engine, so that no poll computes for much longer.
const SHORT: Duration = TICK;
/// In place of the thread's clock, when it was not asked.
const NOT_ASKED: u64 = u64::MAX;

/// The processor time of one call.
pub(crate) struct Meter {
    began: Instant,
    /// Of the polls that are over.
    used_ns: AtomicU64,
    /// When the poll that is under way began, after `began`.
    resumed_ns: AtomicU64,
    /// What the thread's clock said then; [`NOT_ASKED`] at the first.
    resumed_cpu_ns: AtomicU64,
    /// When the last poll was over, after `began`.
    paused_ns: AtomicU64,
}

impl Meter {
    /// To be followed by the first poll at once: it counts from `now`.
    pub(crate) const fn start(now: Instant) -> Self {
        Self {
            began: now,
            used_ns: AtomicU64::new(0),
            resumed_ns: AtomicU64::new(0),
            resumed_cpu_ns: AtomicU64::new(NOT_ASKED),
            paused_ns: AtomicU64::new(0),
        }
    }

    /// Since when it counts.
    pub(crate) const fn began(&self) -> Instant {
        self.began
    }

    /// When the last poll was over: for whoever would look at a clock right after it.
    pub(crate) fn paused(&self) -> Instant {
        self.began + Duration::from_nanos(self.paused_ns.load(Ordering::Relaxed))
    }

    /// The time used so far; to be called within a poll.
    pub(crate) fn used(&self, now: Instant) -> Duration {
        Duration::from_nanos(self.used_ns.load(Ordering::Relaxed).saturating_add(self.slice(now)))
    }

    /// The time of all polls that are over.
    pub(crate) fn total(&self) -> Duration {
        Duration::from_nanos(self.used_ns.load(Ordering::Relaxed))
    }

    /// Counts the time of one poll.
    pub(crate) fn measure<T>(&self, poll: impl FnOnce() -> T) -> T {
        if self.used_ns.load(Ordering::Relaxed) > 0 {
            self.resumed_ns.store(self.since_began(Instant::now()), Ordering::Relaxed);
            self.resumed_cpu_ns.store(thread_time(), Ordering::Relaxed);
        }
        let polled = poll();
        let now = Instant::now();
        self.used_ns.fetch_add(self.slice(now), Ordering::Relaxed);
        self.paused_ns.store(self.since_began(now), Ordering::Relaxed);
        polled
    }

    /// Of the poll that is under way.
    fn slice(&self, now: Instant) -> u64 {
        let wall = self.since_began(now).saturating_sub(self.resumed_ns.load(Ordering::Relaxed));
        if Duration::from_nanos(wall) < SHORT {
            return wall;
        }
        match self.resumed_cpu_ns.load(Ordering::Relaxed) {
            NOT_ASKED => u64::try_from(SHORT.as_nanos()).unwrap_or(wall),
            resumed => thread_time().saturating_sub(resumed).min(wall),
        }
    }

    fn since_began(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.began).as_nanos()).unwrap_or(u64::MAX)
    }
}

/// How long this thread was on a processor, in nanoseconds.
fn thread_time() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;

    use super::*;

    #[tokio::test]
    async fn waiting_costs_nothing_and_computing_does() {
        let meter = Meter::start(Instant::now());
        let began = Instant::now();
        let mut call = pin!(async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = Instant::now();
            while meter.used(Instant::now()) < Duration::from_millis(20) {
                std::hint::spin_loop();
            }
            // A thread that sleeps is polled, and on no processor.
            std::thread::sleep(Duration::from_millis(50));
            assert!(now.elapsed() > Duration::from_millis(70));
            meter.used(Instant::now())
        });
        let used = poll_fn(|cx| meter.measure(|| call.as_mut().poll(cx))).await;
        assert!(used >= Duration::from_millis(20), "{used:?}");
        assert!(used < began.elapsed() - Duration::from_millis(90), "{used:?}");
    }
}
