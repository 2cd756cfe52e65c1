//! What the services rely on, as code: the checks that every set of adapters has to pass.
//!
//! For an adapter of your own, add `hookgate-store` with the feature `conformance` to your
//! dev-dependencies and call [`run_all`] from a test. Every check gets a new, empty store and panics, with
//! the promise that was broken as its message, if it is not kept.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! hookgate_store::conformance::run_all(async || hookgate_store::MemoryStore::new().adapters()).await;
//! # }
//! ```
//!
//! Two things are left to the adapter. A text with a NUL character may be kept or refused, but never cut
//! short (SQLite and memory keep it, PostgreSQL can't). And where a list of changes breaks two rules at
//! once, either conflict may be named.

mod check;
mod fixtures;
mod login_attempts;
mod oauth_accounts;
mod outbox;
mod outbox_lanes;
mod passkeys;
mod plugin_kv;
mod roles;
mod session_backend;
mod sessions;
mod texts;
mod tokens;
mod transactions;
mod users;

use hookgate_core::adapters::Adapters;

pub use check::Check;

/// Every check, in the order of the adapters.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    [
        users::CHECKS,
        sessions::CHECKS,
        tokens::CHECKS,
        oauth_accounts::CHECKS,
        roles::CHECKS,
        passkeys::CHECKS,
        login_attempts::CHECKS,
        session_backend::CHECKS,
        outbox::CHECKS,
        outbox_lanes::CHECKS,
        plugin_kv::CHECKS,
        transactions::CHECKS,
        texts::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// Runs every check against a new store that `make` provides. Wants a tokio runtime; one with several
/// threads makes the races real.
///
/// # Panics
/// After all checks were run, if any of them failed, with their names. What was wrong they have printed.
pub async fn run_all(make: impl AsyncFn() -> Adapters) {
    let mut failed = Vec::new();
    for check in checks() {
        // A task of its own, so that one broken promise does not hide the next.
        if tokio::spawn(check.run(make().await)).await.is_err() {
            failed.push(check.name());
        }
    }
    assert!(failed.is_empty(), "{} promises were broken:\n  {}", failed.len(), failed.join("\n  "));
}
