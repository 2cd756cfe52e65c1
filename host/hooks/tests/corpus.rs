//! Plugins that were built once run for ever: every file of `tests/corpus` is loaded and called.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use hookgate_core::clock::{SystemClock, Timestamp};
use hookgate_core::hooks::{Decision, Hook, HookContext, RequestContext, TokenUse};
use hookgate_core::ids::UserId;
use hookgate_core::user::User;
use hookgate_hooks::{
    EngineConfig, HookEngine, HookInput, HookOutput, HostServices, HttpClient, HttpClients, HttpFailure,
    HttpLimits, Inspected, Manifest, PreparedPlugin, PrivateAddress,
};
use hookgate_store::MemoryStore;
use ruzstd::decoding::StreamingDecoder;
use serde_json::Value;

/// What the plugins in the corpus may use, and the settings that they read.
const MANIFEST: &str = r#"
grants = ["log", "config", "request", "clock", "random", "kv", "http", "secrets"]

[config]
greeting = "Grüß dich, 世界 🦊"
seats = 3

[config.nested]
list = [1, "two", true]

# Busy machines run this, too.
[limits]
time_ms = 10000
cpu_ms = 10000
"#;

/// Plugins import `http`; none of the hooks called here sends anything.
struct NoNetwork;

impl HttpClients for NoNetwork {
    fn client(&self, _: &[PrivateAddress]) -> Arc<dyn HttpClient> {
        Arc::new(Self)
    }
}

#[async_trait]
impl HttpClient for NoNetwork {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        _: HttpLimits,
    ) -> Result<http::Response<Bytes>, HttpFailure> {
        panic!("a request to {}", request.uri())
    }
}

/// The entries of a folder, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// A component; those that hold an interpreter are kept compressed.
fn read(file: &Path) -> Vec<u8> {
    let bytes = fs::read(file).expect("a file");
    if file.extension().is_some_and(|extension| extension == "wasm") {
        return bytes;
    }
    let mut component = Vec::new();
    let mut decoder = StreamingDecoder::new(&*bytes).expect("zstd");
    decoder.read_to_end(&mut component).expect("zstd");
    component
}

fn user(email: &str) -> User {
    User {
        id: UserId::from("user-ada"),
        email: email.to_owned(),
        name: Some("Ada".to_owned()),
        image: None,
        email_verified: true,
        is_active: true,
        created_at: Timestamp(1_767_225_600),
        updated_at: Timestamp(1_767_225_600),
        deleted_at: None,
    }
}

fn context() -> HookContext {
    let request = RequestContext {
        id: "request-1".to_owned(),
        time_ms: 1_767_225_600_000,
        ip: Some("192.0.2.1".to_owned()),
        user_agent: None,
    };
    HookContext { token_use: Some(TokenUse::Access), ..HookContext::of(request) }.by("credentials")
}

/// A plugin of the corpus and what it is called in panics.
struct Kept {
    shown: String,
    language: String,
    plugin: Arc<PreparedPlugin>,
}

impl Kept {
    async fn load(engine: &HookEngine, file: &Path, hooks: &BTreeSet<Hook>) -> Self {
        let shown = file.display().to_string();
        let name = file.file_name().expect("a name").to_string_lossy();
        let language = name.split('.').next().unwrap_or_default().to_owned();
        let bytes = read(file);
        let inspected =
            Inspected::of(&bytes, u64::MAX).unwrap_or_else(|error| panic!("{shown} is refused: {error}"));
        assert_eq!(&inspected.hooks().collect::<BTreeSet<_>>(), hooks, "{shown}");
        let manifest = Manifest::parse(MANIFEST).expect("a manifest");
        let prepared = engine.prepare(&language, bytes, manifest).await;
        let plugin = prepared.unwrap_or_else(|refusal| panic!("{shown} {refusal}"));
        Self { shown, language, plugin }
    }

    async fn ask(&self, context: &HookContext, input: HookInput<'_>) -> HookOutput {
        let (answer, _) = self.plugin.call(context, input).await;
        answer.unwrap_or_else(|stage| panic!("{}: it {stage}", self.shown))
    }

    async fn gate(&self) {
        let (ada, eve) = (user("ada@example.com"), user("denied@example.com"));
        let allowed =
            self.ask(&context(), HookInput::AllowSignin { user: &ada, provider: "credentials" }).await;
        assert_eq!(allowed, HookOutput::Decision(Decision::Allow), "{}", self.shown);
        let denied =
            self.ask(&context(), HookInput::AllowSignin { user: &eve, provider: "credentials" }).await;
        let HookOutput::Decision(Decision::Deny(denial)) = denied else {
            panic!("{}: {denied:?}", self.shown)
        };
        assert_eq!(denial.message.as_deref(), Some("No entry, Ada. 🦊"), "{}", self.shown);
    }

    async fn mutation(&self) {
        let claims = r#"{"sub": "user-ada", "kept": [1, null], "remove_me": true}"#;
        let user = user("ada@example.com");
        let HookOutput::Json(text) = self.ask(&context(), HookInput::ModifyJwt { claims, user: &user }).await
        else {
            panic!("{}: no claims", self.shown)
        };
        let claims: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(claims["lang"], *self.language, "{}", self.shown);
        assert_eq!(claims["greeting"], "Grüß dich, 世界 🦊", "{}", self.shown);
        assert_eq!(claims["kept"], serde_json::json!([1, null]), "{}", self.shown);
        assert!(claims.get("remove_me").is_none(), "{}", self.shown);
    }

    async fn event(&self) {
        let event =
            HookContext { token_use: None, event_id: Some("event-1".to_owned()), attempt: 1, ..context() };
        let user = user("ada@example.com");
        let input = HookInput::Event { hook: Hook::OnSignup, user: &user, text: None, passkey: None };
        assert_eq!(self.ask(&event, input).await, HookOutput::Taken, "{}", self.shown);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_built_once_keeps_working() {
    let engine = HookEngine::new(EngineConfig::default()).expect("an engine");
    engine.lend(HostServices {
        clock: Arc::new(SystemClock),
        kv: Some(MemoryStore::new().adapters().plugin_kv),
        http: Some(Arc::new(NoNetwork)),
    });
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let versions: Vec<PathBuf> = entries(&corpus).into_iter().filter(|path| path.is_dir()).collect();
    assert!(versions.iter().any(|version| version.ends_with("0.1.0")), "{versions:?}");
    for version in versions {
        let hooks = fs::read_to_string(version.join("hooks.txt")).expect("hooks.txt");
        let hooks: BTreeSet<Hook> = hooks
            .lines()
            .map(|name| Hook::from_name(name).unwrap_or_else(|| panic!("no hook `{name}`")))
            .collect();
        let files: Vec<PathBuf> = entries(&version)
            .into_iter()
            .filter(|file| {
                file.extension().is_some_and(|extension| extension == "wasm" || extension == "zst")
            })
            .collect();
        assert!(!files.is_empty(), "{}", version.display());
        for file in files {
            let kept = Kept::load(&engine, &file, &hooks).await;
            kept.gate().await;
            kept.mutation().await;
            kept.event().await;
        }
    }
}
