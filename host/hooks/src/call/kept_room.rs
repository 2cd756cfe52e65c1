//! IdleRoom for the instances of one plugin that are kept between two calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What a plugin may keep: of the engine's places for instances that wait, and at most so many.
pub(super) struct IdleRoom {
    slots: Arc<Semaphore>,
    weight: u32,
    /// How many are kept, those that serve just now included.
    kept: Arc<AtomicUsize>,
    most: usize,
}

/// The room of an instance that is kept, from its first wait to its end.
pub(crate) struct KeptRoom {
    _slot: OwnedSemaphorePermit,
    kept: Arc<AtomicUsize>,
}

impl IdleRoom {
    /// `weight` are the places that one instance takes.
    pub(super) fn new(slots: &Arc<Semaphore>, weight: u32, most: usize) -> Self {
        Self { slots: Arc::clone(slots), weight, kept: Arc::default(), most }
    }

    /// IdleRoom for one more, if there is some.
    pub(super) fn take_one(&self) -> Option<KeptRoom> {
        let slot = Arc::clone(&self.slots).try_acquire_many_owned(self.weight).ok()?;
        let one_more = |kept| (kept < self.most).then_some(kept + 1);
        self.kept.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        Some(KeptRoom { _slot: slot, kept: Arc::clone(&self.kept) })
    }
}

impl Drop for KeptRoom {
    fn drop(&mut self) {
        self.kept.fetch_sub(1, Ordering::Relaxed);
    }
}
