//! A store and its instance, from the first call that they serve to the last.

use std::sync::Arc;
use std::time::Instant;

use hookgate_core::hooks::{Hook, HookContext};
use wasmtime::Store;
use wasmtime::component::Instance;

use crate::allowance::Allowance;
use crate::call_state::CallState;
use crate::idle::KeptRoom;
use crate::instance;
use crate::prepared::PreparedPlugin;

/// A store and its instance. It belongs to the call that it serves; whatever ends that call early drops
/// it, and only [`crate::idle::Idle::put`] gives it another.
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
    /// What serves a call: an instance that waits, or a store for a new one.
    pub(crate) fn of(
        plugin: &PreparedPlugin,
        hook: Hook,
        context: &Arc<HookContext>,
        allowance: Allowance,
        now: Instant,
    ) -> Self {
        let engine = plugin.engine();
        let Some(mut live) = plugin.idle().and_then(|idle| idle.take(now)) else {
            let stack = engine.config().stack_bytes;
            let state = CallState::new(stack, plugin.info(), Some(hook), Some(context), allowance, now);
            let store = instance::store(engine, state);
            return Self { store, instance: None, born: now, calls: 1, kept_room: None };
        };
        live.calls += 1;
        live.store.data_mut().begin_call(hook, context, allowance, now);
        instance::wind_up(&mut live.store, engine);
        live
    }

    /// The bytes of its linear memories.
    pub(crate) fn memory(&self) -> u64 {
        self.store.data().limiter().memory()
    }
}
