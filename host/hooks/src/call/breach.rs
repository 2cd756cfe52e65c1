//! What an error of the engine means: which limit was breached, or how the guest came to its end.

use hookgate_core::hooks::{Hook, Stage};
use wasmtime::component::ResourceTableError;
use wasmtime::{Store, Trap};

use crate::cause::MAX_MESSAGE;
use crate::state::CallState;
use crate::state::limiter::Shortage;
use crate::text::{escape, one_line, truncate};

/// How the engine says that a store has no handle left, and that an answer is too large.
const TOO_MANY_HANDLES: &str = "store handle limit exceeded";
const TOO_MUCH_DATA: &str = "too much data is being copied";
/// The same of a component that is linked from more core instances than it may be.
const TOO_MANY_INSTANCES: &str = "instance count too high";

/// What an error of the engine means.
pub(crate) fn failure(
    error: &wasmtime::Error,
    store: &Store<CallState>,
    otherwise: fn(String) -> Stage,
) -> Stage {
    let state = store.data();
    let plugin = state.plugin();
    tracing::debug!(
        plugin = &*plugin.name,
        hook = state.hook().map(Hook::name),
        error = %escape(truncate(&format!("{error:?}"), 8 * 1024)),
        "a hook call ended early"
    );
    let trap = error.downcast_ref::<Trap>();
    if let (Some(Trap::Interrupt), Some(stage)) = (trap, state.ran_out()) {
        return stage.clone();
    }
    if let Some(stage) = breach(error, trap, state) {
        return stage;
    }
    if let Some(trap) = trap {
        let text = trap.to_string();
        return otherwise(text.strip_prefix("wasm trap: ").unwrap_or(&text).to_owned());
    }
    if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
        return otherwise(format!("exited with code {} instead of answering", exit.0));
    }
    otherwise(one_line(&error.root_cause().to_string(), MAX_MESSAGE))
}

/// The limit that an error of the engine tells of, if it is one.
fn breach(error: &wasmtime::Error, trap: Option<&Trap>, state: &CallState) -> Option<Stage> {
    let limits = &state.plugin().limits;
    match state.limiter().refused() {
        Some(Shortage::Memory) => return Some(Stage::Memory { limit_bytes: limits.memory_bytes }),
        Some(Shortage::Table) => {
            let (name, what) = ("table_elements", "table elements");
            return Some(Stage::Limit { name, what, limit: limits.table_elements });
        }
        None => {}
    }
    if trap == Some(&Trap::StackOverflow) {
        let limit = state.stack_bytes();
        return Some(Stage::Limit { name: "stack_bytes", what: "bytes of stack", limit });
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        return Some(Stage::Limit { name: "max_handles", what: "handles", limit: limits.max_handles });
    }
    // These have no type of their own; a test notices when an update changes the words.
    let text = error.root_cause().to_string();
    if text.contains(TOO_MANY_HANDLES) {
        return Some(Stage::Limit { name: "max_handles", what: "handles", limit: limits.max_handles });
    }
    if text.contains(TOO_MANY_INSTANCES) {
        let (name, what) = ("instances", "core instances");
        return Some(Stage::Limit { name, what, limit: limits.instances });
    }
    if text.contains(TOO_MUCH_DATA) {
        let (name, what) = ("hostcall_bytes", "bytes handed to the host at once");
        return Some(Stage::Limit { name, what, limit: limits.hostcall_bytes });
    }
    None
}
