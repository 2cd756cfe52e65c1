//! The store of the calls of one instance: limits, time, and what host functions cost.

use std::time::Instant;

use wasmtime::{CallHook, Store, UpdateDeadline};

use crate::engine::HookEngine;
use crate::plugin::limits::size;
use crate::state::CallState;

/// More than any call can burn: fuel is there to count, the clock is what limits.
pub(super) const FUEL: u64 = u64::MAX;

/// A store for the calls that begin with this one.
pub(crate) fn store(engine: &HookEngine, state: CallState) -> Store<CallState> {
    let (limits, imports_wasi) = (state.plugin().limits, state.plugin().imports_wasi);
    let mut store = Store::new(engine.wasmtime(), state);
    store.limiter(CallState::limiter_mut);
    store.set_hostcall_fuel(size(limits.hostcall_bytes));
    store.set_max_component_handles(size(limits.max_handles));
    wind_up(&mut store, engine);
    // By the wall clock, so that a late ticker on a busy machine makes nobody's time longer. In between
    // the guest gives way: with tokio's own yield, since a task that merely wakes itself is run again
    // dozens of times before its thread looks at the network.
    store.epoch_deadline_callback(|mut call| {
        if call.data_mut().is_out_of_time(Instant::now()) {
            return Ok(UpdateDeadline::Interrupt);
        }
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
    });
    if imports_wasi {
        time_host_calls(&mut store);
    }
    store
}

/// Has the engine time every host function, for those that can't do it themselves. It costs as much as a small
/// host function.
fn time_host_calls(store: &mut Store<CallState>) {
    store.call_hook(|mut call, transition| {
        match transition {
            CallHook::CallingHost => call.data_mut().host_calls().enter(),
            CallHook::ReturningFromHost => call.data_mut().host_calls().leave(),
            CallHook::CallingWasm | CallHook::ReturningFromWasm => {}
        }
        Ok(())
    });
}

/// What the engine counts of each call.
pub(crate) fn wind_up(store: &mut Store<CallState>, engine: &HookEngine) {
    if engine.config().count_instructions && store.set_fuel(FUEL).is_err() {
        tracing::debug!("instructions are not counted: the engine has no fuel");
    }
    // The next tick, never u64::MAX: the value is added to the current epoch and would wrap.
    store.set_epoch_deadline(1);
}
