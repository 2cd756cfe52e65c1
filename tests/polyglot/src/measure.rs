//! What one language's reference plugin passes, and what it costs.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use hookgate_core::JsonObject;
use hookgate_core::hooks::{Hook, HookContext, Hooks as _};
use hookgate_hooks::{CallReport, CodeCache, Compilation, Compiler, CompilerCommand, HookInput, Registry};
use hookgate_polyglot::languages::Language;
use hookgate_polyglot::subject::{ENGINE, Subject, engine};
use hookgate_polyglot::{cases, fixture, settings};
use serde_json::Value;
use tempfile::TempDir;

use crate::bare::Bare;
use crate::times::{Round, Times};

/// Rounds of each, in turn with the others, so that what else the machine does hits all alike.
const ROUNDS: usize = 5;
/// What makes this program a compiler.
pub(crate) const COMPILER: &str = "compile-plugin";
const REUSE: &str = "\n[reuse]\nmax_calls = 1_000_000\nmax_age_ms = 3_600_000\n";

/// The figures of one language.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) bytes: u64,
    pub(crate) capabilities: Vec<&'static str>,
    pub(crate) imports_wasi: bool,
    /// Per hook: the cases that failed.
    pub(crate) failed: Vec<(Hook, Vec<&'static str>)>,
    /// What is wrong with `validate-config`, if anything.
    pub(crate) settings: Result<(), String>,
    pub(crate) costs: Costs,
}

/// What it costs.
pub(crate) struct Costs {
    /// Loading for the first time, as the server does it, beside bare wasmtime that compiles on all processors.
    pub(crate) compiled: Loading,
    /// Loading with machine code from the cache, beside bare wasmtime that maps it.
    pub(crate) cached: Loading,
    /// Whole calls of fresh instances.
    pub(crate) gate: Times,
    pub(crate) event: Times,
    pub(crate) jwt: Pair,
    /// `modify-jwt` with `[reuse]`.
    pub(crate) reused: Pair,
    /// The linear memories of a call, in bytes, and what the process holds for a waiting instance, in KiB.
    pub(crate) memory: u64,
    pub(crate) resident: u64,
}

/// The same loading by bare wasmtime and by the host.
#[derive(Clone, Copy)]
pub(crate) struct Loading {
    pub(crate) bare: Duration,
    pub(crate) host: Duration,
}

/// The same call of bare wasmtime and of the host's chain.
#[derive(Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) bare: Times,
    pub(crate) host: Times,
}

impl Pair {
    pub(crate) fn ratio(&self) -> f64 {
        self.host.p50.as_secs_f64() / self.bare.p50.as_secs_f64()
    }
}

impl Measured {
    pub(crate) fn of(language: Language, path: &Path, calls: usize) -> Result<Self, String> {
        let subject = Subject::load(language.name, path)?;
        Ok(Self {
            name: language.name,
            bytes: subject.inspected.size,
            capabilities: subject.inspected.capabilities.iter().map(|capability| capability.name()).collect(),
            imports_wasi: subject.inspected.imports_wasi(),
            failed: Hook::ALL.iter().map(|hook| (*hook, failures(&subject, *hook))).collect(),
            settings: settings::refuses_bad_settings(language.name, path),
            costs: costs(language.name, path, &subject, calls)?,
        })
    }
}

fn failures(subject: &Subject, hook: Hook) -> Vec<&'static str> {
    let cases = cases::all().into_iter().filter(|case| case.hook == hook);
    cases.filter(|case| (case.run)(subject, hook).is_err()).map(|case| case.name).collect()
}

fn costs(name: &str, path: &Path, subject: &Subject, calls: usize) -> Result<Costs, String> {
    let user = fixture::user("ada@example.com");
    let gate = HookInput::AllowSignin { user: &user, provider: "credentials" };
    let event = HookInput::Event { hook: Hook::OnSignup, user: &user, text: None, passkey: None };
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let bare_loading = crate::bare::loading(&bytes).map_err(|error| format!("{name}: {error:#}"))?;
    let (compiled, cached) = loading(name, path)?;
    let bare = bare(name, path, &fixture::claims())?;
    let (jwt, reused) = modify_jwt(name, path, subject, &bare, &fixture::claims(), calls)?;
    let resident = subject.block_on(bare.resident()).map_err(|error| format!("{error:#}"))?;
    let claims = Value::Object(fixture::claims()).to_string();
    Ok(Costs {
        compiled: Loading { bare: bare_loading.0, host: compiled },
        cached: Loading { bare: bare_loading.1, host: cached },
        gate: times(subject, gate, calls)?,
        event: times(subject, event, calls)?,
        jwt,
        reused,
        memory: one(subject, HookInput::ModifyJwt { claims: &claims, user: &user })?.peak_memory,
        resident,
    })
}

/// A plugin as `hookgate plugin new` makes it.
pub(crate) struct Small {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) jwt: Pair,
    pub(crate) reused: Pair,
}

impl Small {
    pub(crate) fn of(path: &Path, calls: usize) -> Result<Self, String> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let subject = Subject::load(&name, path)?;
        let claims = fixture::token_claims();
        let bare = bare(&name, path, &claims)?;
        let (jwt, reused) = modify_jwt(&name, path, &subject, &bare, &claims, calls)?;
        Ok(Self { name, bytes: subject.inspected.size, jwt, reused })
    }
}

fn bare(name: &str, path: &Path, claims: &JsonObject) -> Result<Bare, String> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Bare::new(&bytes, claims).map_err(|error| format!("{name}: bare wasmtime: {error:#}"))
}

/// The hook with fresh instances and with a kept one.
fn modify_jwt(
    name: &str,
    path: &Path,
    subject: &Subject,
    bare: &Bare,
    claims: &JsonObject,
    calls: usize,
) -> Result<(Pair, Pair), String> {
    let reused = Subject::load_with(&ENGINE, name, path, &format!("{}{REUSE}", fixture::MANIFEST))?;
    let (fresh, reused) = (Registry::new(vec![subject.plugin()]), Registry::new(vec![reused.plugin()]));
    let mut rounds: [Vec<Times>; 4] = Default::default();
    for _ in 0..ROUNDS {
        let calls = calls / ROUNDS;
        let failed = |error: wasmtime::Error| format!("{name}: bare wasmtime: {error:#}");
        rounds[0].push(subject.block_on(bare_fresh(bare, calls)).map_err(failed)?);
        rounds[1].push(subject.block_on(chain(&fresh, claims, calls))?);
        rounds[2].push(subject.block_on(bare.reused(calls)).map_err(failed)?);
        rounds[3].push(subject.block_on(chain(&reused, claims, calls))?);
    }
    let [bare_fresh, fresh, bare_reused, reused] = rounds.map(|rounds| Times::median(&rounds));
    Ok((Pair { bare: bare_fresh, host: fresh }, Pair { bare: bare_reused, host: reused }))
}

/// How long loading takes without machine code, and with it.
fn loading(name: &str, path: &Path) -> Result<(Duration, Duration), String> {
    let folder = TempDir::new().map_err(|error| error.to_string())?;
    let cache = CodeCache::new(folder.path(), b"measured", 1 << 30);
    let compiler = CompilerCommand::this_program(&[COMPILER]).map_err(|error| error.to_string())?;
    let engine = engine(Compilation { compiler: Compiler::Child(compiler), cache: Some(cache) });
    let load = || Subject::load_with(&engine, name, path, fixture::MANIFEST).map(|subject| subject.loading);
    let compiled = load()?;
    let cached = (0..ROUNDS).map(|_| load()).collect::<Result<_, _>>()?;
    Ok((compiled, Times::of(cached).p50))
}

async fn bare_fresh(bare: &Bare, calls: usize) -> wasmtime::Result<Times> {
    let mut round = Round::of(calls);
    while round.goes_on() {
        round.push(bare.fresh().await?);
    }
    Ok(round.end())
}

/// `modify-jwt` as the services call it: with parsing, guard and log.
async fn chain(registry: &Registry, claims: &JsonObject, calls: usize) -> Result<Times, String> {
    let (user, context) = (fixture::user("ada@example.com"), fixture::context());
    let mut round = Round::of(calls);
    while round.goes_on() {
        let claims = claims.clone();
        let began = Instant::now();
        let answer = registry.pin().modify_jwt(&context, claims, &user).await;
        round.push(began.elapsed());
        answer.map_err(|failure| format!("{failure:?}"))?;
    }
    Ok(round.end())
}

fn one(subject: &Subject, input: HookInput<'_>) -> Result<CallReport, String> {
    let context: HookContext = fixture::event_context();
    let (answer, report) = subject.ask(&context, input);
    hookgate_polyglot::logs::take(&subject.language, &context.request.id);
    answer.map(|_| report).map_err(|stage| format!("{}: it {stage}", subject.language))
}

fn times(subject: &Subject, input: HookInput<'_>, calls: usize) -> Result<Times, String> {
    let totals = (0..calls).map(|_| one(subject, input).map(|report| report.total));
    Ok(Times::of(totals.collect::<Result<_, _>>()?))
}
