//! Not asking, for a while, a plugin that keeps failing.
//!
//! One breaker for each plugin and hook, so that an event that fails closes no gate. *Closed*, calls run
//! and their failures are counted. *Open*, no call runs: the failure policy answers at once. After a pause
//! it is *half-open*: one call at a time may try, and a few successes close it again; a failure opens it
//! for twice as long. A new version of a plugin begins with closed breakers.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// So many successes in a row close a half-open breaker.
const PROBES: u32 = 3;
/// The most calls that the failure rate can be taken of: a bit each.
const MAX_WINDOW: u32 = 64;

/// When breakers open, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerConfig {
    /// Opens after so many failures in a row; 0 for never.
    pub failures: u32,
    /// Opens when so many percent of the last [`Self::window`] calls failed; 0 for never.
    pub failure_percent: u32,
    /// Of how many calls the percentage is taken, at most 64.
    pub window: u32,
    /// The first pause in milliseconds. It doubles each time that a try fails.
    pub pause_ms: u64,
    /// The longest pause in milliseconds.
    pub longest_pause_ms: u64,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self { failures: 10, failure_percent: 50, window: 50, pause_ms: 1_000, longest_pause_ms: 30_000 }
    }
}

/// How a breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BreakerState {
    /// Calls run.
    Closed,
    /// A call may try.
    HalfOpen,
    /// No call runs.
    Open,
}

impl BreakerState {
    /// The word in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half-open",
            Self::Open => "open",
        }
    }
}

/// What a call says of its plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Good,
    Bad,
    /// Nothing: it did not come to run, or others left it too little time.
    Nothing,
}

/// What a settled call changed, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Opened {
        /// The failures in a row that came before.
        failures: u32,
        pause: Duration,
    },
    Closed,
}

pub(crate) struct Breaker {
    config: BreakerConfig,
    inner: Mutex<Inner>,
}

struct Inner {
    phase: Phase,
    /// Failures since the last success.
    in_a_row: u32,
    /// How often it opened since it was last closed.
    openings: u32,
}

enum Phase {
    Closed { recent: Recent },
    Open { until: Instant },
    HalfOpen { is_trying: bool, passed: u32 },
}

/// The last calls, a bit for each that failed.
#[derive(Default)]
struct Recent {
    bits: u64,
    seen: u32,
}

impl Recent {
    fn push(&mut self, failed: bool, window: u32) {
        let mask = u64::MAX >> (MAX_WINDOW - window);
        self.bits = ((self.bits << 1) | u64::from(failed)) & mask;
        self.seen = (self.seen + 1).min(window);
    }

    fn is_above(&self, percent: u32, window: u32) -> bool {
        percent > 0 && self.seen == window && self.bits.count_ones() * 100 >= percent * window
    }
}

impl Breaker {
    pub(crate) fn new(config: BreakerConfig) -> Self {
        let config = BreakerConfig { window: config.window.clamp(1, MAX_WINDOW), ..config };
        let inner = Inner { phase: Phase::Closed { recent: Recent::default() }, in_a_row: 0, openings: 0 };
        Self { config, inner: Mutex::new(inner) }
    }

    /// Lets a call run, or says how long to wait.
    pub(crate) fn admit(&self, now: Instant) -> Result<Permit<'_>, Duration> {
        let mut inner = self.lock();
        match &mut inner.phase {
            Phase::Closed { .. } => Ok(Permit { breaker: self, is_try: false, is_first_try: false }),
            Phase::Open { until } if now < *until => Err(*until - now),
            Phase::Open { .. } => {
                inner.phase = Phase::HalfOpen { is_trying: true, passed: 0 };
                Ok(Permit { breaker: self, is_try: true, is_first_try: true })
            }
            // Whoever tries takes a moment; so do those who ask meanwhile.
            Phase::HalfOpen { is_trying: true, .. } => Err(Duration::from_millis(10)),
            Phase::HalfOpen { is_trying, .. } => {
                *is_trying = true;
                Ok(Permit { breaker: self, is_try: true, is_first_try: false })
            }
        }
    }

    pub(crate) fn state(&self, now: Instant) -> BreakerState {
        match self.lock().phase {
            Phase::Closed { .. } => BreakerState::Closed,
            Phase::Open { until } if now < until => BreakerState::Open,
            Phase::Open { .. } | Phase::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    fn settle(&self, is_try: bool, verdict: Verdict, now: Instant) -> Option<Change> {
        let mut inner = self.lock();
        match verdict {
            Verdict::Good => inner.in_a_row = 0,
            Verdict::Bad => inner.in_a_row = inner.in_a_row.saturating_add(1),
            Verdict::Nothing => {}
        }
        let in_a_row = inner.in_a_row;
        match &mut inner.phase {
            Phase::Closed { recent } => {
                if verdict == Verdict::Nothing {
                    return None;
                }
                recent.push(verdict == Verdict::Bad, self.config.window);
                let too_many = self.config.failures > 0 && in_a_row >= self.config.failures;
                if too_many || recent.is_above(self.config.failure_percent, self.config.window) {
                    return Some(self.open(&mut inner, now));
                }
            }
            Phase::HalfOpen { is_trying, passed } if is_try => {
                *is_trying = false;
                match verdict {
                    Verdict::Bad => return Some(self.open(&mut inner, now)),
                    Verdict::Good if *passed + 1 >= PROBES => {
                        inner.phase = Phase::Closed { recent: Recent::default() };
                        inner.openings = 0;
                        return Some(Change::Closed);
                    }
                    Verdict::Good => *passed += 1,
                    Verdict::Nothing => {}
                }
            }
            // A call from before it opened.
            Phase::Open { .. } | Phase::HalfOpen { .. } => {}
        }
        None
    }

    fn open(&self, inner: &mut Inner, now: Instant) -> Change {
        let doubled = self.config.pause_ms.saturating_mul(1 << inner.openings.min(30));
        let pause = doubled.min(self.config.longest_pause_ms).max(1);
        // Give or take a fifth: what broke together is not tried together.
        let pause = Duration::from_millis(pause - pause / 5 + rand::random_range(0..=pause / 5 * 2));
        inner.openings = inner.openings.saturating_add(1);
        inner.phase = Phase::Open { until: now + pause };
        Change::Opened { failures: inner.in_a_row, pause }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right of one call to run. A call that is given up half-way says nothing of its plugin.
pub(crate) struct Permit<'a> {
    breaker: &'a Breaker,
    is_try: bool,
    is_first_try: bool,
}

impl Permit<'_> {
    /// Whether with this call the breaker became half-open.
    pub(crate) const fn is_first_try(&self) -> bool {
        self.is_first_try
    }

    pub(crate) fn settle(mut self, verdict: Verdict, now: Instant) -> Option<Change> {
        let change = self.breaker.settle(self.is_try, verdict, now);
        self.is_try = false;
        change
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.is_try {
            self.breaker.settle(true, Verdict::Nothing, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: BreakerConfig =
        BreakerConfig { failures: 3, failure_percent: 50, window: 8, pause_ms: 100, longest_pause_ms: 300 };

    fn tell(breaker: &Breaker, verdict: Verdict, now: Instant) -> Option<Change> {
        breaker.admit(now).unwrap_or_else(|wait| panic!("wait {wait:?}")).settle(verdict, now)
    }

    /// Fails until it opens, and says for how long.
    fn open(breaker: &Breaker, now: Instant) -> Duration {
        for _ in 0..10 {
            if let Some(Change::Opened { pause, .. }) = tell(breaker, Verdict::Bad, now) {
                return pause;
            }
        }
        panic!("it stays closed");
    }

    #[test]
    fn failures_in_a_row_open_it_and_a_success_breaks_the_row() {
        let (breaker, now) = (Breaker::new(CONFIG), Instant::now());
        for verdict in [Verdict::Bad, Verdict::Bad, Verdict::Good, Verdict::Bad, Verdict::Bad] {
            assert_eq!(tell(&breaker, verdict, now), None);
        }
        assert_eq!(tell(&breaker, Verdict::Nothing, now), None, "neither good nor bad");
        let change = tell(&breaker, Verdict::Bad, now);
        assert!(matches!(change, Some(Change::Opened { failures: 3, .. })), "{change:?}");
        assert_eq!(breaker.state(now), BreakerState::Open);
        assert!(breaker.admit(now).is_err());
    }

    #[test]
    fn a_high_rate_opens_it_though_some_calls_succeed() {
        let (breaker, now) = (Breaker::new(CONFIG), Instant::now());
        for n in 0..7 {
            let verdict = if n % 2 == 0 { Verdict::Bad } else { Verdict::Good };
            assert_eq!(tell(&breaker, verdict, now), None, "call {n} of a window of 8");
        }
        assert_eq!(tell(&breaker, Verdict::Good, now).map(|_| ()), Some(()), "4 of 8");
    }

    #[test]
    fn one_call_at_a_time_tries_and_three_close_it() {
        let (breaker, now) = (Breaker::new(CONFIG), Instant::now());
        let later = now + open(&breaker, now);
        assert_eq!(breaker.state(later), BreakerState::HalfOpen);
        let first = breaker.admit(later).unwrap_or_else(|wait| panic!("wait {wait:?}"));
        assert!(first.is_first_try());
        assert!(breaker.admit(later).is_err(), "and no second one meanwhile");
        assert_eq!(first.settle(Verdict::Good, later), None);
        assert_eq!(tell(&breaker, Verdict::Good, later), None);
        assert_eq!(tell(&breaker, Verdict::Good, later), Some(Change::Closed));
        assert_eq!(breaker.state(later), BreakerState::Closed);
    }

    #[test]
    fn a_failed_try_doubles_the_pause_up_to_the_longest() {
        let (breaker, mut now) = (Breaker::new(CONFIG), Instant::now());
        let mut pauses = vec![open(&breaker, now)];
        for _ in 0..4 {
            now += pauses[pauses.len() - 1];
            let change = tell(&breaker, Verdict::Bad, now);
            let Some(Change::Opened { pause, .. }) = change else { panic!("{change:?}") };
            pauses.push(pause);
        }
        for (pause, ms) in pauses.iter().zip([100, 200, 300, 300, 300]) {
            let fifth = ms / 5;
            assert!((ms - fifth..=ms + fifth).contains(&(pause.as_millis() as u64)), "{pauses:?}");
        }
    }

    #[test]
    fn a_try_that_is_given_up_lets_the_next_one_try() {
        let (breaker, now) = (Breaker::new(CONFIG), Instant::now());
        let later = now + open(&breaker, now);
        drop(breaker.admit(later));
        assert!(breaker.admit(later).is_ok());
    }

    #[test]
    fn it_can_be_switched_off() {
        let config = BreakerConfig { failures: 0, failure_percent: 0, ..CONFIG };
        let (breaker, now) = (Breaker::new(config), Instant::now());
        for _ in 0..200 {
            assert_eq!(tell(&breaker, Verdict::Bad, now), None);
        }
    }
}
