//! The domain of Hookgate: what signing in *means*, without HTTP, SQL or WebAssembly.
//!
//! The words used here, in the logs, in the WIT and in the docs:
//!
//! - **user**: who signs in. **operator**: who runs the server.
//! - **session**: one login on one device. **access token**, **refresh token**: the two JWTs of a
//!   session. **one-time token**: what a mailed link carries.
//! - **plugin**: one WebAssembly component and its manifest. **hook**: a named point in a user's life.
//! - **gate** (may refuse), **mutation** (may change), **event** (tells): the three kinds of hook.
//! - **chain**: the plugins on one hook, in order. **generation**: one immutable set of plugins.
//! - **denial**: a refusal that is shown to the client. **failure**: a hook that did not answer.
//! - **adapter**: an implementation of one of the traits in [`adapters`].
//!
//! Data goes one way: a caller of [`services::Services`] → the adapters and the hooks.

pub mod adapters;
pub mod clock;
pub mod email;
pub mod error;
pub mod event;
pub mod hooks;
pub mod ids;
pub mod letter;
pub mod oauth;
pub mod oauth_account;
pub mod passkey;
pub mod passwords;
pub mod role;
pub mod services;
pub mod session;
pub mod settings;
pub mod signing_key;
pub mod token;
pub mod tokens;
pub mod user;
pub mod webauthn;

/// A JSON object: the claims of a token, the payload of a session.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;
