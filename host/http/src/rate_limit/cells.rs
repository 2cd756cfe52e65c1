//! One number per client, in bounded memory.
//!
//! A table of buckets, each with a few places. A client belongs to one bucket, chosen by a keyed hash that
//! nobody outside can predict. If it is full, the client who used least of its allowance is forgotten:
//! the fewest requests are given away by that, and somebody who calls too often is the last to go. So an
//! attacker with a million addresses can fill the table, but neither grow it nor be forgotten.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::RateClass;

const BUCKETS: usize = 4096;
const PLACES: usize = 8;

/// A class of routes and the network of a client.
pub(super) type Key = (RateClass, u128);

#[derive(Clone, Copy)]
struct Cell {
    key: Key,
    /// The time at which the client's allowance is whole again.
    used_until: Duration,
}

/// All clients. About two megabytes at most.
pub(super) struct Cells {
    buckets: Box<[Mutex<Vec<Cell>>]>,
    hasher: RandomState,
}

impl Cells {
    pub(super) fn new() -> Self {
        let buckets = (0..BUCKETS).map(|_| Mutex::default()).collect();
        Self { buckets, hasher: RandomState::new() }
    }

    /// Replaces the number of one client by what `next` makes of it, or leaves it if that is an error.
    pub(super) fn update<E>(
        &self,
        key: Key,
        now: Duration,
        next: impl FnOnce(Duration) -> Result<Duration, E>,
    ) -> Result<(), E> {
        let index = usize::try_from(self.hasher.hash_one(key) % BUCKETS as u64).unwrap_or_default();
        // Each change is one store, so a panic elsewhere leaves nothing half-done.
        let mut bucket = self.buckets[index].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = bucket.iter_mut().find(|cell| cell.key == key) {
            cell.used_until = next(cell.used_until)?;
            return Ok(());
        }
        let cell = Cell { key, used_until: next(now)? };
        if bucket.len() < PLACES {
            bucket.push(cell);
        } else if let Some(least) = bucket.iter_mut().min_by_key(|cell| cell.used_until) {
            *least = cell;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_clients_neither_grows_it_nor_hides_the_worst() {
        let cells = Cells::new();
        let worst = (RateClass::Login, 0);
        let add = |key, seconds: u64| {
            let next = |until: Duration| Ok::<_, ()>(until + Duration::from_secs(seconds));
            cells.update(key, Duration::ZERO, next).expect("never refuses");
        };
        add(worst, 1_000);
        for client in 1..200_000 {
            add((RateClass::Login, client), 1);
        }
        let all: usize = cells.buckets.iter().map(|bucket| bucket.lock().expect("whole").len()).sum();
        assert!(all <= BUCKETS * PLACES);
        let mut seen = None;
        let look = |until| {
            seen = Some(until);
            Err(())
        };
        assert_eq!(cells.update(worst, Duration::ZERO, look), Err(()));
        assert_eq!(seen, Some(Duration::from_secs(1_000)));
    }
}
