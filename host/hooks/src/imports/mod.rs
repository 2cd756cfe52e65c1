//! The functions behind the [capabilities](crate::Capability), and WASI's.
//!
//! Everything is linked once per engine. What a plugin is *granted* is decided when it is loaded, from
//! its list of imports (see [`crate::inspect`]); a plugin that imports what it was not granted is
//! refused, so nothing needs to be checked here at run time.

mod clock;
mod config;
mod http;
mod kv;
mod log;
mod random;
mod request;
mod secrets;
mod wasi;

use wasmtime::component::{HasSelf, Linker};

use crate::contract::bindings::host::{Host_, hookgate::hooks::types};
use crate::state::CallState;

/// An interface of types alone: nothing to do.
impl types::Host for CallState {}

/// Links every capability, and WASI as an empty world.
pub(crate) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    Host_::add_to_linker::<_, HasSelf<CallState>>(linker, |state| state)?;
    // The asynchronous one: the other blocks on the runtime's own thread, which panics.
    wasmtime_wasi::p2::add_to_linker_async(linker)
}
