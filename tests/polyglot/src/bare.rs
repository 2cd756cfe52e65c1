//! wasmtime with the host's engine and nothing around it: what a call costs at least.

use std::time::{Duration, Instant};

use hookgate_core::JsonObject;
use hookgate_core::hooks::RequestContext;
use hookgate_core::user::User;
use hookgate_hooks::PluginConfig;
use hookgate_polyglot::fixture;
use hookgate_polyglot::subject::ENGINE;
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentType, Instance, InstancePre, Lift, Linker, Lower, TypedFunc,
};
use wasmtime::{Config, Engine, Store};

use crate::times::{Round, Times, resident_kib};

/// How many instances are held at once to see how much memory one has.
const HELD: usize = 16;

/// A component that is ready to be instantiated.
pub(crate) struct Bare {
    pre: InstancePre<()>,
    hook: ComponentExportIndex,
    claims: String,
    user: User,
}

type ModifyJwt<'a> = TypedFunc<(&'a str, UserRecord<'a>), (Result<String, String>,)>;

/// `hookgate:hooks/types.user`
#[derive(Clone, Copy, ComponentType, Lower)]
#[component(record)]
struct UserRecord<'a> {
    id: &'a str,
    email: &'a str,
    name: Option<&'a str>,
    image: Option<&'a str>,
    #[component(name = "email-verified")]
    email_verified: bool,
    #[component(name = "is-active")]
    is_active: bool,
}

/// `hookgate:hooks/request.token-type`
#[derive(Clone, Copy, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
enum TokenType {
    #[component(name = "access")]
    Access,
    #[component(name = "refresh")]
    #[expect(dead_code, reason = "the contract has it")]
    Refresh,
}

impl Bare {
    pub(crate) fn new(bytes: &[u8], claims: &JsonObject) -> wasmtime::Result<Self> {
        let engine = ENGINE.wasmtime();
        let component = Component::new(engine, bytes)?;
        let mut linker = Linker::new(engine);
        lend(&mut linker)?;
        linker.define_unknown_imports_as_traps(&component)?;
        let index = |of: Option<&ComponentExportIndex>, name: &str| {
            component.get_export_index(of, name).ok_or_else(|| wasmtime::format_err!("there is no `{name}`"))
        };
        let interface = index(None, "hookgate:hooks/modify-jwt@0.1.0")?;
        Ok(Self {
            pre: linker.instantiate_pre(&component)?,
            hook: index(Some(&interface), "modify-jwt")?,
            claims: serde_json::to_string(claims)?,
            user: fixture::user("ada@example.com"),
        })
    }

    /// `modify-jwt` of a fresh instance, which is dropped.
    pub(crate) async fn fresh(&self) -> wasmtime::Result<Duration> {
        let began = Instant::now();
        let (mut store, instance) = self.instance().await?;
        self.call(&mut store, &instance).await?;
        drop(store);
        Ok(began.elapsed())
    }

    /// `modify-jwt` of one instance, again and again.
    pub(crate) async fn reused(&self, calls: usize) -> wasmtime::Result<Times> {
        let (mut store, instance) = self.instance().await?;
        self.call(&mut store, &instance).await?;
        let mut round = Round::of(calls);
        while round.goes_on() {
            let began = Instant::now();
            self.call(&mut store, &instance).await?;
            round.push(began.elapsed());
        }
        Ok(round.end())
    }

    /// What an instance that has served a call holds of the process's memory, in KiB.
    pub(crate) async fn resident(&self) -> wasmtime::Result<u64> {
        let before = resident_kib();
        let mut held = Vec::new();
        for _ in 0..HELD {
            let (mut store, instance) = self.instance().await?;
            self.call(&mut store, &instance).await?;
            held.push(store);
        }
        Ok(resident_kib().saturating_sub(before) / HELD as u64)
    }

    async fn instance(&self) -> wasmtime::Result<(Store<()>, Instance)> {
        let mut store = Store::new(ENGINE.wasmtime(), ());
        store.set_epoch_deadline(1_000_000);
        let instance = self.pre.instantiate_async(&mut store).await?;
        Ok((store, instance))
    }

    async fn call(&self, store: &mut Store<()>, instance: &Instance) -> wasmtime::Result<()> {
        let user = UserRecord {
            id: self.user.id.as_str(),
            email: &self.user.email,
            name: self.user.name.as_deref(),
            image: self.user.image.as_deref(),
            email_verified: self.user.email_verified,
            is_active: self.user.is_active,
        };
        let hook: ModifyJwt<'_> = instance.get_typed_func(&mut *store, self.hook)?;
        let (answer,) = hook.call_async(store, (&self.claims, user)).await?;
        answer.map(drop).map_err(wasmtime::Error::msg)
    }
}

/// How long wasmtime takes to compile a component on all processors, and to map what it compiled to.
pub(crate) fn loading(bytes: &[u8]) -> wasmtime::Result<(Duration, Duration)> {
    let mut config = Config::new();
    config.epoch_interruption(true).concurrency_support(false);
    let engine = Engine::new(&config)?;
    let began = Instant::now();
    let component = Component::new(&engine, bytes)?;
    let compiled = began.elapsed();
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), component.serialize()?)?;
    let began = Instant::now();
    #[expect(unsafe_code, reason = "the engine's own machine code")]
    // SAFETY: it was serialized above, into a file that nobody else knows.
    let mapped = unsafe { Component::deserialize_file(&engine, file.path()) }?;
    let took = began.elapsed();
    drop(mapped);
    Ok((compiled, took))
}

/// The imports that `modify-jwt` of the reference plugin calls, with the answers that the host would give.
fn lend(linker: &mut Linker<()>) -> wasmtime::Result<()> {
    let settings = settings();
    let all = settings.as_json().to_owned();
    let mut config = linker.instance("hookgate:hooks/config@0.1.0")?;
    config.func_wrap("get", move |_, (key,): (String,)| Ok((settings.get(&key).map(ToOwned::to_owned),)))?;
    config.func_wrap("all", move |_, ()| Ok((all.clone(),)))?;
    // Python seeds its generator with these when it starts.
    let mut random = linker.instance("hookgate:hooks/random@0.1.0")?;
    random.func_wrap("bytes", |_, (count,): (u32,)| Ok((vec![7_u8; usize::try_from(count)?],)))?;
    random.func_wrap("number", |_, ()| Ok((7_u64,)))?;
    let mut clock = linker.instance("hookgate:hooks/clock@0.1.0")?;
    clock.func_wrap("now", |_, ()| Ok((1_767_225_600_123_u64,)))?;
    clock.func_wrap("monotonic", |_, ()| Ok((0_u64,)))?;
    let context = fixture::context();
    let mut request = linker.instance("hookgate:hooks/request@0.1.0")?;
    let known = RequestContext::clone(&context.request);
    let time = u64::try_from(known.time_ms)?;
    request.func_wrap("id", move |_, ()| Ok((known.id.clone(),)))?;
    request.func_wrap("time", move |_, ()| Ok((time,)))?;
    request.func_wrap("ip", move |_, ()| Ok((known.ip.clone(),)))?;
    request.func_wrap("user-agent", move |_, ()| Ok((known.user_agent.clone(),)))?;
    request.func_wrap("provider", move |_, ()| Ok((context.provider.clone(),)))?;
    request.func_wrap("is-new", move |_, ()| Ok((context.is_new,)))?;
    request.func_wrap("token-kind", |_, ()| Ok((Some(TokenType::Access),)))?;
    request.func_wrap("event-id", |_, ()| Ok((None::<String>,)))?;
    request.func_wrap("attempt", |_, ()| Ok((0_u32,)))
}

/// Those of the manifest.
fn settings() -> PluginConfig {
    match fixture::settings() {
        serde_json::Value::Object(object) => PluginConfig::from_json(object),
        _ => PluginConfig::default(),
    }
}
