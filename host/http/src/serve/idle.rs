//! Which connections are only held open.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use super::ServeOptions;

/// The requests of a connection.
#[derive(Default)]
pub(super) struct Activity {
    begun: AtomicU32,
    running: AtomicU32,
}

impl Activity {
    /// Counts a request that runs until the guard is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Busy {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.running.fetch_add(1, Ordering::Relaxed);
        Busy(Arc::clone(self))
    }
}

/// A running request.
pub(super) struct Busy(Arc<Activity>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What to do about a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Say good-bye: it had its requests and sends no more.
    Idle,
    /// Hang up: it never sent a whole head, or it was asked to go and did not.
    Silent,
}

/// Looks at a connection now and then.
pub(super) struct IdleWatch {
    activity: Arc<Activity>,
    keep_alive: Duration,
    timer: Pin<Box<Sleep>>,
    /// How many requests had begun at the last look.
    seen: u32,
    is_leaving: bool,
}

impl IdleWatch {
    pub(super) fn new(activity: Arc<Activity>, options: &ServeOptions) -> Self {
        Self {
            activity,
            keep_alive: options.keep_alive_timeout,
            timer: Box::pin(tokio::time::sleep(options.header_timeout)),
            seen: 0,
            is_leaving: false,
        }
    }

    /// Waits until the connection was found to do nothing.
    pub(super) async fn next(&mut self) -> Verdict {
        loop {
            self.timer.as_mut().await;
            self.timer.as_mut().reset(Instant::now() + self.keep_alive);
            if let Some(verdict) = self.look() {
                return verdict;
            }
        }
    }

    fn look(&mut self) -> Option<Verdict> {
        let begun = self.activity.begun.load(Ordering::Relaxed);
        let is_running = self.activity.running.load(Ordering::Relaxed) > 0;
        if is_running || begun != self.seen {
            self.seen = begun;
            return None;
        }
        if begun == 0 || self.is_leaving {
            return Some(Verdict::Silent);
        }
        self.is_leaving = true;
        Some(Verdict::Idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(activity: &Arc<Activity>) -> IdleWatch {
        let options = ServeOptions {
            header_timeout: Duration::from_secs(10),
            keep_alive_timeout: Duration::from_secs(60),
            ..ServeOptions::default()
        };
        IdleWatch::new(Arc::clone(activity), &options)
    }

    async fn verdict_after(watch: &mut IdleWatch) -> (Verdict, u64) {
        let start = Instant::now();
        let verdict = watch.next().await;
        (verdict, start.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_request_is_silent() {
        let activity = Arc::new(Activity::default());
        assert_eq!(verdict_after(&mut watch(&activity)).await, (Verdict::Silent, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_idle_when_nothing_runs_and_nothing_begins() {
        let activity = Arc::new(Activity::default());
        let mut watch = watch(&activity);
        drop(activity.begin());
        assert_eq!(verdict_after(&mut watch).await, (Verdict::Idle, 70));
        assert_eq!(verdict_after(&mut watch).await, (Verdict::Silent, 60), "it did not leave");
    }

    #[tokio::test(start_paused = true)]
    async fn a_running_request_is_never_idle() {
        let activity = Arc::new(Activity::default());
        let mut watch = watch(&activity);
        let busy = activity.begin();
        let patience = Duration::from_secs(1000);
        assert!(tokio::time::timeout(patience, watch.next()).await.is_err());
        drop(busy);
        assert_eq!(verdict_after(&mut watch).await.0, Verdict::Idle);
    }
}
