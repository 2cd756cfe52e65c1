//! What became of the spans: exported, dropped, or waiting.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// So many spans may wait, those that are under way included. About a kilobyte each.
pub(super) const QUEUE: usize = 8192;

/// Counts that only grow, but for those that wait.
#[derive(Debug)]
pub(crate) struct SpanCounts {
    fates: Family<Fate, Counter>,
    /// These two are of that family.
    exported: Counter,
    dropped: Counter,
    waiting: AtomicUsize,
    /// Dropped because too many waited, since somebody asked.
    overflow: AtomicU64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Fate {
    outcome: &'static str,
}

impl SpanCounts {
    pub(super) fn new() -> Self {
        let fates = Family::<Fate, Counter>::default();
        let of = |outcome| fates.get_or_create_owned(&Fate { outcome });
        let (exported, dropped) = (of("exported"), of("dropped"));
        Self { fates, exported, dropped, waiting: AtomicUsize::new(0), overflow: AtomicU64::new(0) }
    }

    /// Makes the counts a part of `/metrics`.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("trace_spans", "Spans that were exported, or dropped", self.fates.clone());
    }

    /// Counts a span among those that wait, unless there are too many.
    pub(super) fn admit(&self) -> bool {
        let is_room = self.waiting.fetch_add(1, Ordering::Relaxed) < QUEUE;
        if !is_room {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            self.overflow.fetch_add(1, Ordering::Relaxed);
            self.dropped.inc();
        }
        is_room
    }

    /// Spans wait no longer; so many of them were lost.
    pub(super) fn settle(&self, spans: u64, lost: u64) {
        self.waiting.fetch_sub(usize::try_from(spans).unwrap_or(usize::MAX), Ordering::Relaxed);
        self.exported.inc_by(spans - lost);
        self.dropped.inc_by(lost);
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How many did not fit since the last call.
    pub(super) fn take_overflow(&self) -> u64 {
        self.overflow.swap(0, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_dropped_and_counted_and_nothing_else() {
        let counts = SpanCounts::new();
        assert!((0..QUEUE).all(|_| counts.admit()));
        assert!(!counts.admit() && !counts.admit());
        assert_eq!((counts.waiting(), counts.dropped.get()), (QUEUE, 2));
        assert_eq!((counts.take_overflow(), counts.take_overflow()), (2, 0));
        counts.settle(512, 12);
        assert_eq!((counts.exported.get(), counts.dropped.get()), (500, 14));
        assert!((0..512).all(|_| counts.admit()) && !counts.admit(), "there is room for as many again");
    }
}
