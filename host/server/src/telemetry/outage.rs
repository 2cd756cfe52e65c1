//! When to speak of a collector that does not take what it gets: once when it begins and once when it is over.

use std::time::{Duration, Instant};

/// The least time between two beginnings that are said, for a collector that comes and goes.
const PAUSE: Duration = Duration::from_mins(1);

/// How it stands with the collector.
#[derive(Debug, Default)]
pub(super) struct Outage {
    is_on: bool,
    is_said: bool,
    /// Spans that were lost in this one.
    lost: u64,
    said_at: Option<Instant>,
}

impl Outage {
    pub(super) const fn is_on(&self) -> bool {
        self.is_on
    }

    /// Spans were lost. Tells whether to say so.
    pub(super) fn lost(&mut self, spans: u64, now: Instant) -> bool {
        self.is_on = true;
        self.lost += spans;
        let is_time = self.said_at.is_none_or(|said| now.duration_since(said) >= PAUSE);
        if self.is_said || !is_time {
            return false;
        }
        (self.is_said, self.said_at) = (true, Some(now));
        true
    }

    /// Everything was taken. Gives the number of spans that were lost before, if that is to be said.
    pub(super) fn over(&mut self) -> Option<u64> {
        let Self { is_on, is_said, lost, .. } = self;
        *is_on = false;
        let lost = std::mem::take(lost);
        std::mem::take(is_said).then_some(lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_said_once_and_its_end_with_what_it_cost() {
        let (mut outage, now) = (Outage::default(), Instant::now());
        assert_eq!(outage.over(), None, "there was none");
        assert!(outage.lost(3, now) && outage.is_on());
        assert!(!outage.lost(4, now) && !outage.lost(5, now + PAUSE * 9), "however long it takes");
        assert_eq!(outage.over(), Some(12));
        assert!(!outage.is_on());
        assert_eq!(outage.over(), None);
    }

    #[test]
    fn a_collector_that_comes_and_goes_is_said_once_a_minute() {
        let (mut outage, start) = (Outage::default(), Instant::now());
        assert!(outage.lost(1, start));
        assert_eq!(outage.over(), Some(1));
        let soon = start + PAUSE / 2;
        assert!(!outage.lost(1, soon));
        assert_eq!(outage.over(), None, "what was not begun is not ended");
        assert!(!outage.lost(1, soon));
        assert!(outage.lost(1, start + PAUSE), "one that lasts is said when its time comes");
        assert_eq!(outage.over(), Some(2));
    }
}
