//! What one language's reference plugin passes, and what it costs.

use std::time::Duration;

use hookgate_core::hooks::Hook;
use hookgate_hooks::{CallReport, HookInput};
use hookgate_polyglot::subject::Subject;
use hookgate_polyglot::{cases, fixture};
use serde_json::Value;

/// The figures of one language.
pub(crate) struct Measured {
    pub(crate) language: String,
    pub(crate) bytes: u64,
    pub(crate) loading: Duration,
    pub(crate) capabilities: Vec<&'static str>,
    pub(crate) imports_wasi: bool,
    /// Per hook: the cases that failed.
    pub(crate) failed: Vec<(Hook, Vec<&'static str>)>,
    pub(crate) gate: Times,
    pub(crate) jwt: Times,
    pub(crate) event: Times,
    /// After the first calls and after the last.
    pub(crate) memory: (u64, u64),
}

/// The median and the 99th percentile of whole calls, instance included.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

impl Measured {
    pub(crate) fn of(subject: &Subject, calls: usize) -> Result<Self, String> {
        let failed = Hook::ALL.iter().map(|hook| (*hook, failures(subject, *hook))).collect();
        let user = fixture::user("ada@example.com");
        let claims = Value::Object(fixture::claims()).to_string();
        let gate = HookInput::AllowSignin { user: &user, provider: "credentials" };
        let jwt = HookInput::ModifyJwt { claims: &claims, user: &user };
        let event = HookInput::Event { hook: Hook::OnSignup, user: &user, text: None, passkey: None };
        let first = one(subject, jwt)?.peak_memory;
        let (gate, jwt, event) =
            (times(subject, gate, calls)?, times(subject, jwt, calls)?, times(subject, event, calls)?);
        Ok(Self {
            language: subject.language.clone(),
            bytes: subject.inspected.size,
            loading: subject.loading,
            capabilities: subject.inspected.capabilities.iter().map(|capability| capability.name()).collect(),
            imports_wasi: subject.inspected.imports.iter().any(|import| import.starts_with("wasi:")),
            failed,
            gate: gate.0,
            jwt: jwt.0,
            event: event.0,
            memory: (first, gate.1.max(jwt.1).max(event.1)),
        })
    }
}

fn failures(subject: &Subject, hook: Hook) -> Vec<&'static str> {
    let cases = cases::all().into_iter().filter(|case| case.hook == hook);
    cases.filter(|case| (case.run)(subject, hook).is_err()).map(|case| case.name).collect()
}

fn one(subject: &Subject, input: HookInput<'_>) -> Result<CallReport, String> {
    let context = fixture::event_context();
    let (answer, report) = subject.ask(&context, input);
    hookgate_polyglot::logs::take(&subject.language, &context.request.id);
    answer.map(|_| report).map_err(|stage| format!("{}: it {stage}", subject.language))
}

fn times(subject: &Subject, input: HookInput<'_>, calls: usize) -> Result<(Times, u64), String> {
    let mut totals = Vec::with_capacity(calls);
    let mut memory = 0;
    for _ in 0..calls {
        let report = one(subject, input)?;
        totals.push(report.total);
        memory = memory.max(report.peak_memory);
    }
    totals.sort_unstable();
    let at = |percent: usize| totals.get(totals.len() * percent / 100).copied().unwrap_or_default();
    Ok((Times { p50: at(50), p99: at(99) }, memory))
}
