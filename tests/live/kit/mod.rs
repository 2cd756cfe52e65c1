//! What the tests share: a running server, its log, its callers.

mod answer;
#[expect(dead_code, reason = "what else it can do wrong, the tests of the core try")]
mod authenticator;
mod browser;
mod certified_provider;
mod collector;
mod components;
mod desk;
pub(crate) mod file_systems;
mod identity_provider;
mod mail;
pub(crate) mod passkeys;
mod plugins;
mod server;
#[path = "../../guests/wat.rs"]
#[expect(dead_code, reason = "the tests of the plugin host use the rest")]
pub(crate) mod wat;

pub(crate) use answer::Answer;
pub(crate) use authenticator::{Authenticator, BACKUP_ELIGIBLE, decode, encode};
pub(crate) use browser::Browser;
pub(crate) use certified_provider::{APP, APP_SECRET, CertifiedProvider};
pub(crate) use collector::{Collector, Span};
pub(crate) use components::{compile_bomb, core_module, gate_of, wat};
pub(crate) use desk::{Desk, text};
pub(crate) use identity_provider::{CLIENT_ID, CLIENT_SECRET, Fault, IdentityProvider, Signature};
pub(crate) use mail::{MailServer, Mailbox};
pub(crate) use plugins::{Plugins, example_plugins, guest};
pub(crate) use server::{BINARY, SECRET, Server, Setup};

use std::future::Future;
use std::time::{Duration, Instant};

/// A good password.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Waits until something is true. Panics with `what` if that takes more than ten seconds.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, is_true: impl FnMut() -> F) {
    eventually_within(Duration::from_secs(10), what, is_true).await;
}

/// The same with more patience.
pub(crate) async fn eventually_within<F: Future<Output = bool>>(
    patience: Duration,
    what: &str,
    mut is_true: impl FnMut() -> F,
) {
    let deadline = Instant::now() + patience;
    while !is_true().await {
        assert!(Instant::now() < deadline, "waited {} seconds for: {what}", patience.as_secs());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The claims of a token, unchecked.
pub(crate) fn claims(token: &str) -> serde_json::Value {
    let payload = token.split('.').nth(1).unwrap();
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}
