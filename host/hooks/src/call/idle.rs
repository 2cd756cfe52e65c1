//! The instances of one plugin that wait for their next call, where its manifest has `[reuse]`.
//!
//! An instance is taken out before a call and comes back only after an answer that could be used: a
//! trap, a breach, an error, a bad answer or a caller that gave up each drop it on their way. The pool is
//! a part of its [`PreparedPlugin`](crate::PreparedPlugin) and ends with it, so no instance outlives
//! its version or meets another plugin.
//!
//! What is kept has room of its own in the engine (see [`HookEngine::idle_slots`]): what waits takes no place from calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use super::kept_room::IdleRoom;
use super::live::Live;
use crate::engine::HookEngine;
use crate::plugin::limits::{Limits, size};
use crate::plugin::reuse::Reuse;

/// The instances of one plugin that wait.
pub(crate) struct Idle {
    reuse: Reuse,
    memory_mark: u64,
    room: IdleRoom,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The one that came back last is the last.
    waiting: Vec<Waiting>,
    /// Whether a task looks after those that wait too long.
    is_swept: bool,
}

struct Waiting {
    live: Live,
    until: Instant,
}

impl Idle {
    pub(crate) fn new(reuse: Reuse, engine: &HookEngine, limits: &Limits, weight: u32) -> Arc<Self> {
        // Half of the room at most, so that no plugin takes all of it; and never more than can run.
        let share = u64::from((engine.idle_slot_count() / 2 / weight).max(1));
        let most = reuse.max_idle.min(limits.concurrent_calls).min(share);
        Arc::new(Self {
            reuse,
            memory_mark: reuse.memory_mark(limits.memory_bytes),
            room: IdleRoom::new(engine.idle_slots(), weight, size(most)),
            state: Mutex::default(),
        })
    }

    /// How many wait.
    pub(crate) fn count(&self) -> usize {
        self.state().waiting.len()
    }

    /// The one that came back last, so that those that are not needed grow old. The caller has a place
    /// for it among the calls.
    pub(crate) fn take(&self, now: Instant) -> Option<Live> {
        let (live, _expired) = {
            let mut state = self.state();
            let expired = state.expired(now);
            (state.waiting.pop(), expired)
        };
        live.map(|waiting| waiting.live)
    }

    /// Keeps an instance whose call went well, if it may serve another. Answers whether it did; the
    /// caller's place among the calls must last until then.
    pub(crate) fn put(self: &Arc<Self>, mut live: Live, now: Instant) -> bool {
        let until = (now + self.reuse.idle_time()).min(live.born + self.reuse.age());
        let is_spent = live.calls >= self.reuse.max_calls
            || now >= until
            || live.memory() > self.memory_mark
            || live.store.data_mut().holds_many_handles();
        if is_spent {
            return false;
        }
        if live.kept_room.is_none() {
            live.kept_room = self.room.take_one();
        }
        if live.kept_room.is_none() {
            return false;
        }
        live.store.data_mut().end_call();
        let waiting = Waiting { live, until };
        let must_sweep = {
            let mut state = self.state();
            state.waiting.push(waiting);
            !std::mem::replace(&mut state.is_swept, true)
        };
        if must_sweep {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
        true
    }

    /// Drops those that waited too long, and answers when to look again; `None` if none waits.
    fn sweep(&self, now: Instant) -> Option<Instant> {
        let (next, _expired) = {
            let mut state = self.state();
            let expired = state.expired(now);
            let next = state.waiting.iter().map(|waiting| waiting.until).min();
            state.is_swept = next.is_some();
            (next, expired)
        };
        next
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Those that waited too long, to be dropped when the lock is free: it takes a while.
    fn expired(&mut self, now: Instant) -> Vec<Waiting> {
        self.waiting.extract_if(.., |waiting| now >= waiting.until).collect()
    }
}

/// Without it the instances of a plugin that nobody calls would keep what they know for ever.
async fn sweep(idle: Weak<Idle>) {
    loop {
        let Some(next) = idle.upgrade().and_then(|idle| idle.sweep(Instant::now())) else { return };
        tokio::time::sleep_until(next.into()).await;
    }
}
