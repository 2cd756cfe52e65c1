//! Write [Hookgate](https://github.com/hookgate/hookgate) plugins in Rust: one trait, one attribute.
//!
//! A plugin is a WebAssembly component that the server calls at points of a user's life: it may refuse a
//! sign-in, change what a token says, or hear what has happened. Implement the [`EventHooks`] that you
//! need and put [`#[plugin]`](plugin) on the `impl`:
//!
//! ```
//! use hookgate_plugin::{Claims, EventHooks, User, plugin};
//!
//! struct Plan;
//!
//! #[plugin]
//! impl EventHooks for Plan {
//!     fn modify_jwt(claims: &mut Claims, user: &User) {
//!         claims.set("plan", if user.email_domain() == "example.com" { "pro" } else { "free" });
//!     }
//! }
//! ```
//!
//! A plugin that refuses, reads the operator's settings, writes to the log and may fail:
//!
//! ```
//! use hookgate_plugin::{Decision, Denial, EventHooks, Result, User, config, log, plugin};
//!
//! #[derive(serde::Deserialize)]
//! struct Config {
//!     banned_ids: Vec<String>,
//! }
//!
//! struct Bouncer;
//!
//! #[plugin]
//! impl EventHooks for Bouncer {
//!     fn allow_signin(user: &User, provider: &str) -> Result<Decision> {
//!         let config: Config = config::all()?;
//!         if config.banned_ids.contains(&user.id) {
//!             log::info!(user.id = user.id, provider = provider; "refused");
//!             return Ok(Denial::new("banned").message("This account is closed.").into());
//!         }
//!         Ok(Decision::Allow)
//!     }
//!
//!     fn on_signup(user: &User) {
//!         log::info!(user.id = user.id; "welcome");
//!     }
//! }
//!
//! // In the author's unit tests, `testing` stands for the server:
//! use hookgate_plugin::{json, testing};
//!
//! let _host = testing::Host::new().with_config(json!({ "banned_ids": ["user-eve"] }));
//! let decision = Bouncer::allow_signin(&testing::user("eve@example.com"), "credentials").unwrap();
//! assert_eq!(decision.denial().unwrap().code.as_deref(), Some("banned"));
//! ```
//!
//! # What a plugin can reach
//!
//! The server offers [`log`], [`config`], [`request`], [`clock`] and [`random`], and to plugins whose manifest
//! grants them [`kv`], [`http`] and [`secrets`]. Nothing else: no files, no sockets, no environment. A plugin imports only what it calls. One exception: with the
//! default feature `panic-log` the message of a panic goes to the log, so that every plugin imports
//! [`log`]; turn it off to do without. The default feature `heap` is a global allocator for
//! `wasm32-unknown-unknown`; turn it off to have another.
//!
//! Every call gets a fresh instance with a limit on time and memory. Statics do not live from one call to
//! the next; [`kv`] does. On `wasm32-unknown-unknown` `std` has no clock and no source of randomness: use
//! [`clock`] and [`random`].
//!
//! # Building
//!
//! The crate needs `crate-type = ["cdylib"]` (add `"rlib"` for tests in a `tests` folder). Then
//! `cargo build --release --target wasm32-wasip2` writes the component. The README has other ways.

mod decision;
mod error;
mod hooks;
mod host;
mod payload;
mod user;

pub mod clock;
pub mod config;
pub mod http;
pub mod kv;
pub mod log;
pub mod random;
pub mod request;
pub mod secrets;
#[cfg(not(target_family = "wasm"))]
pub mod testing;

#[cfg(target_family = "wasm")]
mod bindings;
#[cfg(target_family = "wasm")]
mod export;
#[cfg(all(feature = "heap", target_arch = "wasm32", target_os = "unknown"))]
mod heap;

pub use decision::{Decision, Denial, IntoDecision, Outcome};
pub use error::{Error, Result};
pub use hooks::EventHooks;
pub use payload::{Claims, Session};
pub use user::{Passkey, User};

/// Exports the hooks of an `impl EventHooks for …`: those that are written there, and no others.
///
/// A name that is no hook is an error that names the nearest one:
///
/// ```compile_fail
/// use hookgate_plugin::{EventHooks, User, plugin};
///
/// struct Gate;
///
/// #[plugin]
/// impl EventHooks for Gate {
///     fn allow_sign_in(_user: &User, _provider: &str) -> bool { // did you mean `allow_signin`?
///         true
///     }
/// }
/// ```
pub use hookgate_plugin_macros::plugin;

pub use serde_json::{Value, json};

/// For the code that [`plugin`] writes; no part of the public API.
#[doc(hidden)]
#[cfg(target_family = "wasm")]
pub mod __private {
    pub use crate::bindings::*;
    pub use crate::export::Exported;
}
