//! The server's side of the contract: the real one inside a plugin, a fake one on the author's machine.

#[cfg(target_family = "wasm")]
mod wasm;
#[cfg(target_family = "wasm")]
mod wasm_outside;
#[cfg(target_family = "wasm")]
pub(crate) use wasm::*;
#[cfg(target_family = "wasm")]
pub(crate) use wasm_outside::*;

#[cfg(not(target_family = "wasm"))]
mod fake;
#[cfg(not(target_family = "wasm"))]
mod fake_outside;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod fake_state;
#[cfg(not(target_family = "wasm"))]
pub(crate) use fake::*;
#[cfg(not(target_family = "wasm"))]
pub(crate) use fake_outside::*;
