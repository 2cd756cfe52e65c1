//! What is measured: how long calls take, and how much memory the process has.

use std::fs;
use std::time::{Duration, Instant};

/// How long a round takes at least: a thousand calls of a microsecond are over before a disturbance is.
const ROUND: Duration = Duration::from_millis(50);

/// The median and the 99th percentile.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

impl Times {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
        Self { p50: at(50), p99: at(99) }
    }

    /// The median of the rounds, of both.
    pub(crate) fn median(rounds: &[Self]) -> Self {
        let middle = |figure: fn(&Self) -> Duration| Self::of(rounds.iter().map(figure).collect()).p50;
        Self { p50: middle(|times| times.p50), p99: middle(|times| times.p99) }
    }
}

/// A round of calls that is under way.
pub(crate) struct Round {
    least: usize,
    began: Instant,
    times: Vec<Duration>,
}

impl Round {
    /// Begins one of so many calls at least.
    pub(crate) fn of(least: usize) -> Self {
        Self { least, began: Instant::now(), times: Vec::with_capacity(least) }
    }

    pub(crate) fn goes_on(&self) -> bool {
        self.times.len() < self.least || self.began.elapsed() < ROUND
    }

    pub(crate) fn push(&mut self, took: Duration) {
        self.times.push(took);
    }

    pub(crate) fn end(self) -> Times {
        Times::of(self.times)
    }
}

/// What the process holds beside files; 0 where the system does not say.
pub(crate) fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
