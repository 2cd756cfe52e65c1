//! Guests, and what it takes to call them.

use std::sync::{Arc, LazyLock, Mutex};

use hookgate_core::JsonObject;
use hookgate_core::clock::Timestamp;
use hookgate_core::event::Event;
use hookgate_core::hooks::{Hook, HookContext, RequestContext};
use hookgate_core::ids::UserId;
use hookgate_core::user::User;
use hookgate_hooks::{EngineConfig, HookEngine, Manifest, PreparedPlugin, Refusal, Registry};

#[path = "../../../../tests/guests/wat.rs"]
mod wat;
pub(crate) use wat::*;

/// One engine for all tests, as in the server.
pub(crate) static ENGINE: LazyLock<HookEngine> =
    LazyLock::new(|| HookEngine::new(EngineConfig::default()).expect("an engine"));

/// Loads a plugin without a manifest.
pub(crate) async fn load(name: &str, bytes: Vec<u8>) -> Arc<PreparedPlugin> {
    load_with(name, bytes, "").await
}

/// Loads a plugin.
pub(crate) async fn load_with(name: &str, bytes: Vec<u8>, manifest: &str) -> Arc<PreparedPlugin> {
    try_load(name, bytes, manifest).await.unwrap_or_else(|refusal| panic!("{name} {refusal}"))
}

/// Tries to.
pub(crate) async fn try_load(
    name: &str,
    bytes: Vec<u8>,
    manifest: &str,
) -> Result<Arc<PreparedPlugin>, Refusal> {
    ENGINE.prepare(name, bytes, Manifest::parse(manifest).expect("a manifest")).await
}

/// A registry of plugins without manifests.
pub(crate) async fn registry(plugins: &[(&str, Vec<u8>)]) -> Registry {
    let mut prepared = Vec::new();
    for (name, bytes) in plugins {
        prepared.push(load(name, bytes.clone()).await);
    }
    Registry::new(prepared)
}

/// Ada.
pub(crate) fn user() -> User {
    User {
        id: UserId("u1".to_owned()),
        email: "ada@example.com".to_owned(),
        name: Some("Ada".to_owned()),
        image: None,
        email_verified: true,
        is_active: true,
        created_at: Timestamp(1),
        updated_at: Timestamp(1),
        deleted_at: None,
    }
}

/// The claims of Ada's token.
pub(crate) fn claims() -> JsonObject {
    object(r#"{"sub":"u1","jti":"j1","type":"access","iat":1000,"exp":1900,"email":"ada@example.com"}"#)
}

/// JSON text as an object.
pub(crate) fn object(text: &str) -> JsonObject {
    serde_json::from_str(text).expect("an object")
}

/// The context of a request.
pub(crate) fn context() -> HookContext {
    HookContext::of(request()).by("credentials")
}

/// A request.
pub(crate) fn request() -> RequestContext {
    RequestContext {
        id: "req-1".to_owned(),
        time_ms: 1_700_000_000_000,
        ip: Some("192.0.2.7".to_owned()),
        user_agent: Some("test/1".to_owned()),
    }
}

/// An event.
pub(crate) fn event(hook: Hook) -> Event {
    Event::new(hook, user(), request())
}

/// What was logged while it lives, on the thread that made it.
#[derive(Clone, Default)]
pub(crate) struct Logged(Arc<Mutex<Vec<u8>>>);

impl Logged {
    /// Begins to listen.
    pub(crate) fn listen() -> (Self, tracing::subscriber::DefaultGuard) {
        let logged = Self::default();
        let writer = logged.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_max_level(tracing::Level::TRACE)
            .with_env_filter("hookgate_hooks=info,plugin=trace")
            .with_writer(move || writer.clone())
            .finish();
        (logged, tracing::subscriber::set_default(subscriber))
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no panic")).into_owned()
    }
}

impl std::io::Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
