//! An application to test against, and clients to do it with.

use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use hookgate_core::JsonObject;
use hookgate_core::adapters::{Adapters, Mailer, TransportError};
use hookgate_core::clock::{Clock as _, ManualClock, Timestamp};
use hookgate_core::event::Event;
use hookgate_core::hooks::{
    Decision, DeliveryError, Denial, Hook, HookChain, HookContext, HookFailure, HookKind, Hooks, Stage,
};
use hookgate_core::letter::Letter;
use hookgate_core::oauth::OAuthProviders;
use hookgate_core::passwords::{Argon2Settings, PasswordHasher};
use hookgate_core::services::{Parts, Services};
use hookgate_core::settings::{Providers, SessionStrategy, Settings};
use hookgate_core::tokens::{Sealer, TokenSigner};
use hookgate_core::user::{User, UserPatch};
use hookgate_http::{HttpOptions, TokenDelivery, router};
use hookgate_store::MemoryStore;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::contract::Contract;

pub(crate) const EMAIL: &str = "ada@example.com";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// What the one plugin does.
#[derive(Clone, Debug, Default)]
pub(crate) enum Behaviour {
    #[default]
    Allow,
    Deny(Denial),
    Fail,
    Panic,
    Hang,
    /// `modify-session` adds a field.
    AddToSession(&'static str, Value),
}

/// Who listens to every event.
static LISTENERS: LazyLock<[String; 1]> = LazyLock::new(|| ["fake".to_owned()]);

/// Plugins whose behaviour a test sets.
#[derive(Clone, Default)]
pub(crate) struct FakeHooks {
    behaviour: Arc<Mutex<Behaviour>>,
    told: Arc<Mutex<Vec<Event>>>,
}

impl FakeHooks {
    pub(crate) fn will(&self, behaviour: Behaviour) {
        *self.behaviour.lock().expect("no test panics with the lock") = behaviour;
    }

    fn now(&self) -> Behaviour {
        self.behaviour.lock().expect("no test panics with the lock").clone()
    }
}

/// A mailbox.
#[derive(Clone, Default)]
pub(crate) struct Mail(Arc<Mutex<Vec<Letter>>>);

#[async_trait]
impl Mailer for Mail {
    async fn send(&self, letter: &Letter) -> Result<(), TransportError> {
        self.0.lock().expect("no test panics with the lock").push(letter.clone());
        Ok(())
    }
}

impl Hooks for FakeHooks {
    fn pin(&self) -> Arc<dyn HookChain> {
        Arc::new(self.clone())
    }
}

#[async_trait]
impl HookChain for FakeHooks {
    fn generation(&self) -> u64 {
        1
    }

    fn implementers(&self, hook: Hook) -> &[String] {
        if hook.kind() == HookKind::Event { &*LISTENERS } else { &[] }
    }

    async fn allow_signin(&self, _: &HookContext, _: &User, _: &str) -> Result<Decision, HookFailure> {
        match self.now() {
            Behaviour::Allow | Behaviour::AddToSession(..) => Ok(Decision::Allow),
            Behaviour::Deny(denial) => Ok(Decision::Deny(denial)),
            Behaviour::Fail => Err(HookFailure {
                plugin: "fake".to_owned(),
                hook: Hook::AllowSignin,
                stage: Stage::Guest("private".to_owned()),
            }),
            Behaviour::Panic => panic!("a bug in the host"),
            Behaviour::Hang => loop {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                if !matches!(self.now(), Behaviour::Hang) {
                    return Ok(Decision::Allow);
                }
            },
        }
    }

    async fn modify_jwt(
        &self,
        _: &HookContext,
        claims: JsonObject,
        _: &User,
    ) -> Result<JsonObject, HookFailure> {
        Ok(claims)
    }

    async fn modify_session(
        &self,
        _: &HookContext,
        mut session: JsonObject,
        _: &User,
    ) -> Result<JsonObject, HookFailure> {
        if let Behaviour::AddToSession(name, value) = self.now() {
            session.insert(name.to_owned(), value);
        }
        Ok(session)
    }

    async fn deliver(&self, _: &str, event: &Event, _: u32) -> Result<(), DeliveryError> {
        self.told.lock().expect("no test panics with the lock").push(event.clone());
        Ok(())
    }
}

/// How a test wants its application.
pub(crate) struct Wish {
    pub(crate) settings: Settings,
    pub(crate) options: HttpOptions,
    pub(crate) adapters: Adapters,
    pub(crate) oauth: OAuthProviders,
}

/// An application with its insides in reach.
pub(crate) struct TestApp {
    pub(crate) router: Router,
    pub(crate) hooks: FakeHooks,
    pub(crate) adapters: Adapters,
    pub(crate) services: Arc<Services>,
    pub(crate) mail: Mail,
    pub(crate) hasher: PasswordHasher,
    pub(crate) clock: Arc<ManualClock>,
    contract: Contract,
}

impl TestApp {
    /// FastAuth's defaults.
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// Tokens in cookies.
    pub(crate) fn cookie() -> Self {
        Self::with(|wish| wish.options.token_delivery = TokenDelivery::Cookie)
    }

    /// Opaque session tokens.
    pub(crate) fn database() -> Self {
        Self::with(|wish| wish.settings.session_strategy = SessionStrategy::Database)
    }

    pub(crate) fn with(change: impl FnOnce(&mut Wish)) -> Self {
        let providers = Providers { credentials: true, magic_links: true };
        let settings = Settings { providers, ..Settings::default() };
        let adapters = MemoryStore::new().adapters();
        let options = HttpOptions::default();
        let mut wish = Wish { settings, options, adapters, oauth: OAuthProviders::default() };
        change(&mut wish);
        let cheap = Argon2Settings { memory_kib: 64, iterations: 1, parallelism: 1 };
        let hooks = FakeHooks::default();
        let adapters = wish.adapters;
        let mail = Mail::default();
        let clock = Arc::new(ManualClock::at(Timestamp(1_700_000_000)));
        let hasher = PasswordHasher::start(cheap, 1, 16).expect("starts");
        let services = Services::new(Parts {
            adapters: adapters.clone(),
            hooks: Arc::new(hooks.clone()),
            hasher: hasher.clone(),
            mailer: Arc::new(mail.clone()),
            oauth: wish.oauth,
            signer: TokenSigner::hs256(&[7; 32]).expect("long enough"),
            sealer: Sealer::new(&[7; 32]),
            settings: wish.settings,
            clock: clock.clone(),
        });
        let services = Arc::new(services);
        let router = router(services.clone(), wish.options).expect("options that work");
        Self { router, hooks, adapters, clock, services, mail, hasher, contract: Contract::default() }
    }

    /// Delivers what waits, and gives the letters that came out of it.
    pub(crate) async fn letters(&self) -> Vec<Letter> {
        self.services.deliver_due().await.expect("the outbox works");
        std::mem::take(&mut *self.mail.0.lock().expect("no test panics with the lock"))
    }

    /// Delivers what waits, and gives the events that came out of it since the last time.
    pub(crate) async fn events(&self) -> Vec<Event> {
        self.services.deliver_due().await.expect("the outbox works");
        std::mem::take(&mut *self.hooks.told.lock().expect("no test panics with the lock"))
    }

    /// The secret in the link of the one letter that waits.
    pub(crate) async fn mailed_token(&self) -> String {
        let letters = self.letters().await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        let url = letters[0].url.clone().expect("a link");
        url.split_once("?token=").expect("a token").1.to_owned()
    }

    pub(crate) async fn send(&self, request: Call) -> Reply {
        let mut parts = Request::builder().method(&request.method).uri(&request.path);
        for (name, value) in &request.headers {
            parts = parts.header(name, value.as_slice());
        }
        let mut http = parts.body(Body::from(request.body)).expect("a request");
        *http.extensions_mut() = request.extensions;
        let response = self.router.clone().oneshot(http).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.expect("a body");
        let body = String::from_utf8(body.to_vec()).expect("answers are text");
        let reply = Reply { status: parts.status, headers: parts.headers, body };
        self.contract.check(&self.router, request.method.as_str(), &request.path, &reply).await;
        reply
    }

    /// Registers Ada.
    pub(crate) async fn register(&self) -> Reply {
        let reply =
            self.send(post("/auth/register").json(&json!({"email": EMAIL, "password": PASSWORD}))).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        // What comes next comes later.
        self.clock.advance(1);
        reply
    }

    /// Signs Ada in.
    pub(crate) async fn login(&self) -> Reply {
        self.send(post("/auth/login").json(&json!({"email": EMAIL, "password": PASSWORD}))).await
    }

    pub(crate) async fn deactivate(&self) {
        let user = self.adapters.users.get_user_by_email(EMAIL).await.expect("a store").expect("Ada");
        let patch = UserPatch { is_active: Some(false), ..UserPatch::default() };
        self.adapters.users.update_user(&user.id, patch, self.clock.now()).await.expect("a store");
    }
}

/// A request in the making.
pub(crate) struct Call {
    method: Method,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    extensions: axum::http::Extensions,
}

pub(crate) fn call(method: &str, path: &str) -> Call {
    Call {
        method: method.parse().expect("a method"),
        path: path.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        extensions: axum::http::Extensions::new(),
    }
}

pub(crate) fn get(path: &str) -> Call {
    call("GET", path)
}

pub(crate) fn post(path: &str) -> Call {
    call("POST", path)
}

pub(crate) fn delete(path: &str) -> Call {
    call("DELETE", path)
}

impl Call {
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    pub(crate) fn cookie(self, name: &str, value: &str) -> Self {
        self.header("cookie", format!("{name}={value}"))
    }

    /// The double submit.
    pub(crate) fn csrf(self, secret: &str) -> Self {
        self.cookie("csrf_token", secret).header("x-csrf-token", secret)
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    pub(crate) fn peer(mut self, address: &str) -> Self {
        self.extensions.insert(hookgate_http::Peer(address.parse().expect("an address")));
        self
    }
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// A text field of the body.
    pub(crate) fn text(&self, field: &str) -> String {
        self.json()[field].as_str().unwrap_or_else(|| panic!("no {field} in {}", self.body)).to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// `404 {"detail":"Not Found"}`
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.status.as_u16(), self.body)
    }

    /// The `Set-Cookie` line of a cookie.
    pub(crate) fn set_cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter();
        let mut lines = lines.map(|line| line.to_str().expect("text").to_owned());
        lines.find(|line| line.split_once('=').is_some_and(|(found, _)| found == name))
    }

    /// The value of a cookie that is set.
    pub(crate) fn cookie(&self, name: &str) -> String {
        let line = self.set_cookie(name).unwrap_or_else(|| panic!("{name} is not set"));
        line[name.len() + 1..].split(';').next().unwrap_or_default().to_owned()
    }
}
