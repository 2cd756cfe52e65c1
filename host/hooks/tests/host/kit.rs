//! Guests in WebAssembly text, and what it takes to call them.

use std::sync::{Arc, LazyLock, Mutex};

use hookgate_core::JsonObject;
use hookgate_core::clock::Timestamp;
use hookgate_core::event::Event;
use hookgate_core::hooks::{Hook, HookContext, RequestContext};
use hookgate_core::ids::UserId;
use hookgate_core::user::User;
use hookgate_hooks::{EngineConfig, HookEngine, Manifest, PreparedPlugin, Refusal, Registry};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// One engine for all tests, as in the server.
pub(crate) static ENGINE: LazyLock<HookEngine> =
    LazyLock::new(|| HookEngine::new(EngineConfig::default()).expect("an engine"));

/// Turns a core module into a component of a world of the contract.
pub(crate) fn component(world: &str, module: &str) -> Vec<u8> {
    component_of("", &format!("hookgate:hooks/{world}"), module)
}

/// The same with WIT packages of the test's own, given as text; `world` may be in one of them.
pub(crate) fn component_of(packages: &str, world: &str, module: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let (package, _) =
        resolve.push_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit")).expect("the contract");
    let mut newest = package;
    for (n, text) in packages.split("====").filter(|text| !text.trim().is_empty()).enumerate() {
        newest = resolve.push_str(format!("test-{n}.wit"), text).expect("the test's WIT");
    }
    let world = match world.strip_prefix("hookgate:hooks/") {
        Some(world) => resolve.select_world(&[package], Some(world)).expect("a world"),
        None => resolve.select_world(&[newest], Some(world)).expect("a world"),
    };
    let mut module = wat::parse_str(module).unwrap_or_else(|error| panic!("{error}\n{module}"));
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    ComponentEncoder::default()
        .module(&module)
        .expect("a module")
        .validate(true)
        .encode()
        .expect("a component")
}

/// What every module needs: memory, an allocator that never frees, and answers.
///
/// Bytes 0..64 hold answers, what follows is for data of the test, allocation begins at 65536.
pub(crate) const RUNTIME: &str = r#"
    (memory (export "memory") 2)
    (global $top (mut i32) (i32.const 65536))
    (func $alloc (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (global.get $top))
        (global.set $top (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7)) (i32.const -8)))
        (block $fits
            (loop $grow
                (br_if $fits (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
                (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
                (br $grow)))
        (local.get $at))
    (func $answer (param $tag i32) (param $text i32) (param $len i32) (result i32)
        (i32.store8 (i32.const 0) (local.get $tag))
        (i32.store (i32.const 4) (local.get $text))
        (i32.store (i32.const 8) (local.get $len))
        (i32.const 0))
"#;

const REALLOC: &str = r#"
    (func (export "cabi_realloc") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (call $alloc (local.get $size)))
        (memory.copy (local.get $at) (local.get $old) (local.get $had))
        (local.get $at))
"#;

const USER: &str =
    "(param i32 i32) (param $email i32) (param $email_len i32) (param i32 i32 i32 i32 i32 i32 i32 i32)";

/// A module for one hook: `items` stand outside the function, `body` in it.
///
/// In `body`, mutations have `$json` and `$len`, the others `$email` and `$email_len`; it leaves the
/// address of the answer.
pub(crate) fn module(hook: Hook, items: &str, body: &str) -> String {
    module_with(&format!("{RUNTIME}{REALLOC}"), hook, items, body)
}

/// The same with another runtime.
pub(crate) fn module_with(runtime: &str, hook: Hook, items: &str, body: &str) -> String {
    let parameters = match hook {
        Hook::AllowSignin
        | Hook::OnSignin
        | Hook::OnOauthLink
        | Hook::OnSigninFailed
        | Hook::OnEmailChange
        | Hook::OnSessionRevoke => format!("{USER} (param i32 i32)"),
        Hook::ModifyJwt | Hook::ModifySession => format!("(param $json i32) (param $len i32) {USER}"),
        Hook::OnPasskeyRegistered | Hook::OnPasskeyDeleted => "(param i32)".to_owned(),
        _ => USER.to_owned(),
    };
    format!(
        r#"(module {items} {runtime}
            (func (export "hookgate:hooks/{hook}@0.1.0#{hook}") {parameters} (result i32) {body}))"#
    )
}

/// A component with one hook.
pub(crate) fn guest(hook: Hook, items: &str, body: &str) -> Vec<u8> {
    component(&format!("{hook}-hook"), &module(hook, items, body))
}

/// Answers what it was given.
pub(crate) fn identity() -> Vec<u8> {
    guest(Hook::ModifyJwt, "", "(call $answer (i32.const 0) (local.get $json) (local.get $len))")
}

/// Answers a fixed text.
pub(crate) fn fixed(hook: Hook, text: &str) -> Vec<u8> {
    guest(
        hook,
        &data(1024, text),
        &format!("(call $answer (i32.const 0) (i32.const 1024) (i32.const {}))", text.len()),
    )
}

/// Appends `,"key":"value"` to the object that it was given.
pub(crate) fn claim(key: &str, value: &str) -> Vec<u8> {
    let text = format!(",\"{key}\":\"{value}\"}}");
    guest(
        Hook::ModifyJwt,
        &data(1024, &text),
        &format!(
            "(local $at i32)
            (local.set $at (call $alloc (i32.add (local.get $len) (i32.const {len}))))
            (memory.copy (local.get $at) (local.get $json) (local.get $len))
            (memory.copy (i32.sub (i32.add (local.get $at) (local.get $len)) (i32.const 1)) (i32.const 1024) (i32.const {len}))
            (call $answer (i32.const 0) (local.get $at) (i32.add (local.get $len) (i32.const {})))",
            text.len() - 1,
            len = text.len(),
        ),
    )
}

/// Fails with a fixed text.
pub(crate) fn failing(hook: Hook, text: &str) -> Vec<u8> {
    guest(
        hook,
        &data(1024, text),
        &format!("(call $answer (i32.const 1) (i32.const 1024) (i32.const {}))", text.len()),
    )
}

/// Lets everybody in.
pub(crate) fn allowing() -> Vec<u8> {
    guest(
        Hook::AllowSignin,
        "",
        "(i32.store (i32.const 0) (i32.const 0)) (i32.store (i32.const 4) (i32.const 0)) (i32.const 0)",
    )
}

/// Denies with code, message and reason.
pub(crate) fn denying(code: &str, message: &str, reason: &str) -> Vec<u8> {
    let (at_message, at_reason) = (1024 + code.len(), 1024 + code.len() + message.len());
    let store = |at: usize, value: usize| format!("(i32.store (i32.const {at}) (i32.const {value}))");
    let body: String = [
        (0, 0),
        (4, 1),
        (8, 1),
        (12, 1024),
        (16, code.len()),
        (20, 1),
        (24, at_message),
        (28, message.len()),
        (32, 1),
        (36, at_reason),
        (40, reason.len()),
    ]
    .map(|(at, value)| store(at, value))
    .concat();
    guest(
        Hook::AllowSignin,
        &data(1024, &format!("{code}{message}{reason}")),
        &format!("{body} (i32.const 0)"),
    )
}

/// A data segment.
pub(crate) fn data(at: usize, text: &str) -> String {
    let bytes: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    format!("(data (i32.const {at}) \"{bytes}\")")
}

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
