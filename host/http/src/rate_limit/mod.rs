//! How often one client may call: a rate per class of routes, on top of the lock-out of accounts.
//!
//! The rule is GCRA: a client may use a whole period's requests at once, and regains them one by one. It
//! keeps one number per client. Clients are told apart by address, IPv6 ones by their /64, which is what
//! one customer gets. Memory is bounded: see [`cells`].

mod cells;
mod rate;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use cells::Cells;
pub use rate::{Rate, RateClass, RateError};

/// The rates. A class that is not there is not limited.
pub type RateLimits = BTreeMap<RateClass, Rate>;

/// What is known of the clients' recent requests.
pub(crate) struct RateLimiter {
    limits: RateLimits,
    cells: Cells,
    /// Times are counted from here, so that a clock that is set changes nothing.
    start: Instant,
}

impl RateLimiter {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self { limits, cells: Cells::new(), start: Instant::now() }
    }

    /// Counts a request. If it is one too many it does not count, and the answer is how long to wait.
    pub(crate) fn admit(&self, class: RateClass, client: IpAddr) -> Result<(), Duration> {
        self.admit_at(class, client, self.start.elapsed())
    }

    fn admit_at(&self, class: RateClass, client: IpAddr, now: Duration) -> Result<(), Duration> {
        let Some(rate) = self.limits.get(&class) else { return Ok(()) };
        self.cells.update((class, network(client)), now, |used_until| {
            let next = used_until.max(now) + rate.interval();
            let too_early = next.saturating_sub(now + rate.period());
            if too_early.is_zero() { Ok(next) } else { Err(too_early) }
        })
    }
}

/// What counts as one client.
fn network(client: IpAddr) -> u128 {
    match client.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limiter(rate: &str) -> RateLimiter {
        RateLimiter::new([(RateClass::Login, rate.parse().expect("a rate"))].into())
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_period_at_once_then_one_by_one() {
        let limiter = limiter("3/minute");
        let ask = |seconds| limiter.admit_at(RateClass::Login, ip("192.0.2.1"), Duration::from_secs(seconds));
        assert_eq!([ask(0), ask(0), ask(0)], [Ok(()); 3]);
        assert_eq!(ask(0), Err(Duration::from_secs(20)));
        assert_eq!(ask(19), Err(Duration::from_secs(1)), "a refusal costs nothing");
        assert_eq!([ask(20), ask(39)], [Ok(()), Err(Duration::from_secs(1))]);
        assert_eq!([ask(200), ask(200), ask(200)], [Ok(()); 3]);
        assert!(ask(200).is_err());
    }

    #[test]
    fn classes_and_clients_are_apart() {
        let limiter = limiter("1/minute");
        let ask = |class, client| limiter.admit_at(class, ip(client), Duration::ZERO).is_ok();
        assert!(ask(RateClass::Login, "192.0.2.1"));
        assert!(!ask(RateClass::Login, "192.0.2.1") && !ask(RateClass::Login, "::ffff:192.0.2.1"));
        assert!(ask(RateClass::Login, "192.0.2.2"));
        assert!(ask(RateClass::Default, "192.0.2.1") && ask(RateClass::Default, "192.0.2.1"));
        assert!(ask(RateClass::Login, "2001:db8::1") && !ask(RateClass::Login, "2001:db8::ffff:2"));
        assert!(ask(RateClass::Login, "2001:db8:0:1::1"));
    }

    proptest! {
        /// In any period that begins with a full allowance: at most twice the rate, whatever the client does.
        #[test]
        fn never_more_than_a_burst_and_a_period(
            requests in 1_u32..20,
            pauses in prop::collection::vec(0_u64..10_000, 1..200),
        ) {
            let limiter = limiter(&format!("{requests}/minute"));
            let (mut now, mut admitted) = (Duration::ZERO, Vec::new());
            for pause in pauses {
                now += Duration::from_millis(pause);
                if limiter.admit_at(RateClass::Login, ip("192.0.2.1"), now).is_ok() {
                    admitted.push(now);
                }
            }
            for (index, first) in admitted.iter().enumerate() {
                let within = admitted[index..].iter().filter(|at| **at < *first + Duration::from_secs(60));
                prop_assert!(within.count() <= 2 * requests as usize);
            }
        }

        #[test]
        fn who_waits_as_told_is_let_in(requests in 1_u32..50, count in 1_usize..100) {
            let limiter = limiter(&format!("{requests}/minute"));
            let mut now = Duration::ZERO;
            for _ in 0..count {
                if let Err(wait) = limiter.admit_at(RateClass::Login, ip("192.0.2.1"), now) {
                    now += wait;
                    prop_assert!(limiter.admit_at(RateClass::Login, ip("192.0.2.1"), now).is_ok());
                }
            }
        }
    }
}
