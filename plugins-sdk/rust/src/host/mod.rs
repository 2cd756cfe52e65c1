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
pub(crate) mod fake;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod fake_outside;
#[cfg(not(target_family = "wasm"))]
pub(crate) use fake::calls::*;
#[cfg(not(target_family = "wasm"))]
pub(crate) use fake_outside::{
    http_send, kv_compare_and_set, kv_delete, kv_get, kv_increment, kv_set, secret_hmac_sha256, secret_names,
};
