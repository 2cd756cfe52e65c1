//! A rate as operators write it, and the classes that have one.

use std::str::FromStr;
use std::time::Duration;

/// What a route costs, to whom, and how often an honest client needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RateClass {
    /// Checks a password or another proof of identity.
    Login,
    /// Makes an account.
    Register,
    /// Sends a mail.
    Email,
    /// Renews tokens.
    Refresh,
    /// Asked by servers for their own callers: introspection, `verify`, key sets.
    Token,
    /// Everything else.
    Default,
}

impl RateClass {
    /// Every class, with its name in `[rate_limit]`.
    pub const NAMES: [(&'static str, Self); 6] = [
        ("login", Self::Login),
        ("register", Self::Register),
        ("email", Self::Email),
        ("refresh", Self::Refresh),
        ("token", Self::Token),
        ("default", Self::Default),
    ];
}

/// So many requests in a period: `60/minute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    requests: u32,
    period: Duration,
}

/// The text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rate is a whole number from 1 to 1000000 and `second`, `minute`, `hour` or `day`: `60/minute`")]
pub struct RateError;

const PERIODS: [(&str, u64); 4] = [("second", 1), ("minute", 60), ("hour", 3_600), ("day", 86_400)];

impl Rate {
    /// How long it takes to regain one request.
    pub(super) fn interval(&self) -> Duration {
        self.period / self.requests
    }

    /// How long it takes to regain all.
    pub(super) const fn period(&self) -> Duration {
        self.period
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let (requests, period) = text.split_once('/').ok_or(RateError)?;
        let requests = requests.trim().parse().ok().filter(|count| (1..=1_000_000).contains(count));
        let (_, seconds) = PERIODS.into_iter().find(|(name, _)| *name == period.trim()).ok_or(RateError)?;
        Ok(Self { requests: requests.ok_or(RateError)?, period: Duration::from_secs(seconds) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read() {
        let rate: Rate = "30 / minute".parse().expect("a rate");
        assert_eq!(rate.interval(), Duration::from_secs(2));
        assert_eq!("1000000/second".parse::<Rate>().expect("a rate").interval(), Duration::from_micros(1));
        for bad in ["", "60", "0/minute", "-1/minute", "60/minutes", "1000001/day", "x/hour", "1/2/hour"] {
            assert_eq!(bad.parse::<Rate>(), Err(RateError), "{bad}");
        }
    }
}
