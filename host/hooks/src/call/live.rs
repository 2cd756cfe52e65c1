//! A store and its instance, from the first call that they serve to the last.

use std::sync::Arc;
use std::time::Instant;

use hookgate_core::hooks::{Hook, HookContext};
use wasmtime::Store;
use wasmtime::component::Instance;

use super::kept_room::KeptRoom;
use super::store::{store, wind_up};
use crate::engine::HookEngine;
use crate::state::CallState;
use crate::state::allowance::Allowance;

/// A store and its instance. It belongs to the call that it serves; whatever ends that call early drops
/// it, and only [`Idle::put`](super::idle::Idle::put) gives it another.
pub(crate) struct Live {
    pub(crate) store: Store<CallState>,
    /// None until the first call has made it.
    pub(crate) instance: Option<Instance>,
    pub(crate) born: Instant,
    /// Those that it was made for or given, the one under way included.
    pub(crate) calls: u64,
    /// None until it has waited. The last field: the room is free when the instance is gone.
    pub(crate) kept_room: Option<KeptRoom>,
}

impl Live {
    /// A store for the instance that the first call makes.
    pub(super) fn new(engine: &HookEngine, state: CallState, now: Instant) -> Self {
        Self { store: store(engine, state), instance: None, born: now, calls: 1, kept_room: None }
    }

    /// Makes it that of the next call.
    pub(super) fn begin_call(
        &mut self,
        engine: &HookEngine,
        hook: Hook,
        context: &Arc<HookContext>,
        allowance: Allowance,
        now: Instant,
    ) {
        self.calls += 1;
        self.store.data_mut().begin_call(hook, context, allowance, now);
        wind_up(&mut self.store, engine);
    }

    /// The bytes of its linear memories.
    pub(crate) fn memory(&self) -> u64 {
        self.store.data().limiter().memory()
    }
}
