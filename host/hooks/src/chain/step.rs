//! One plugin's turn in a chain: is it to be asked, what did it answer, who has to know.
//!
//! The one place where the outcome of a call is known, whatever it is: here it is logged, counted by the
//! breaker, told to the observers and written into the call's span.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookgate_core::hooks::{Decision, Denial, Hook, HookContext, HookFailure, HookKind, Stage};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::pinned::Pinned;
use crate::call::hook_call;
use crate::call::prepared::PreparedPlugin;
use crate::contract::call::{CallReport, HookInput, HookOutput};
use crate::engine::observer::{Called, Outcome};
use crate::plugin::breaker::{Change, Permit, Verdict};
use crate::state::allowance::Allowance;

/// One plugin's turn.
pub(crate) struct Step<'a> {
    pub(crate) pinned: &'a Pinned,
    pub(crate) plugin: &'a PreparedPlugin,
    pub(crate) hook: Hook,
    pub(crate) context: &'a Arc<HookContext>,
}

impl Step<'_> {
    /// Asks the plugin. `check` decides whether its answer can be used.
    pub(crate) async fn ask<T>(
        &self,
        input: HookInput<'_>,
        check: impl FnOnce(HookOutput) -> Result<T, Stage>,
    ) -> Result<T, HookFailure> {
        self.plugin.tally().called();
        let span = self.span();
        let began = Instant::now();
        let permit = match self.plugin.breaker(self.hook).admit(began) {
            Ok(permit) => permit,
            Err(wait) => {
                let outcome = Outcome::Failed(BREAKER_OPEN);
                write_down(&span, outcome, None);
                self.tell(outcome, CallReport::default());
                let stage = Stage::BreakerOpen { retry_ms: millis(wait) };
                self.plugin.tally().failed(&stage);
                return Err(self.failed(stage, Duration::ZERO));
            }
        };
        if permit.is_first_try() {
            self.log_try();
        }
        let mut is_denial = false;
        let check = |output| {
            is_denial = matches!(output, HookOutput::Decision(Decision::Deny(_)));
            check(output)
        };
        let (result, report) = pin!(self.call(input, began, check)).instrument(span.clone()).await;
        let outcome = match &result {
            Ok(_) if is_denial => Outcome::Denied,
            Ok(_) => Outcome::Ok,
            Err(stage) => Outcome::failed(stage),
        };
        write_down(&span, outcome, Some(&report));
        self.tell(outcome, report);
        if let Err(stage) = &result {
            self.plugin.tally().failed(stage);
        }
        let verdict = result.as_ref().err().map_or(Verdict::Good, verdict);
        let result = result.map_err(|stage| self.failed(stage, report.total));
        self.settle(permit, verdict, began + report.total);
        result
    }

    async fn call<T>(
        &self,
        input: HookInput<'_>,
        began: Instant,
        check: impl FnOnce(HookOutput) -> Result<T, Stage>,
    ) -> (Result<T, Stage>, CallReport) {
        let allowance = Allowance::of(self.plugin.limits());
        if self.hook.kind() == HookKind::Event {
            return hook_call::call(self.plugin, self.context, input, allowance, began, check).await;
        }
        let budget = Duration::from_millis(self.plugin.engine().config().request_budget_ms);
        let left = match self.pinned.left(budget) {
            Ok(left) => left,
            Err(stage) => return (Err(stage), CallReport::default()),
        };
        let allowance = allowance.within(left, millis(budget));
        let (result, report) =
            hook_call::call(self.plugin, self.context, input, allowance, began, check).await;
        self.pinned.spend(report.total);
        (result, report)
    }

    fn span(&self) -> Span {
        tracing::debug_span!(
            "hook",
            plugin = self.plugin.name(),
            digest = &*self.plugin.info().digest_short,
            hook = self.hook.name(),
            generation = signed(self.pinned.generation().number().into()),
            request.id = &*self.context.request.id,
            outcome = Empty,
            wait_us = Empty,
            instantiate_us = Empty,
            guest_us = Empty,
            host_us = Empty,
            otel.name = self.hook.name(),
            otel.status_code = Empty,
        )
    }

    fn tell(&self, outcome: Outcome, report: CallReport) {
        let generation = self.pinned.generation().number();
        let call = Called { plugin: self.plugin.name(), hook: self.hook, generation, outcome, report };
        self.plugin.engine().observers().tell(&call);
    }

    fn settle(&self, permit: Permit<'_>, verdict: Verdict, now: Instant) {
        let (plugin, digest, hook) =
            (self.plugin.name(), &*self.plugin.info().digest_short, self.hook.name());
        match permit.settle(verdict, now) {
            None => {}
            Some(Change::Opened { failures, pause }) => {
                let meanwhile = self.meanwhile();
                tracing::warn!(
                    plugin,
                    digest,
                    hook,
                    failures,
                    pause_ms = millis(pause),
                    "circuit breaker open: the plugin is not asked; {meanwhile}"
                );
            }
            Some(Change::Closed) => {
                tracing::info!(plugin, digest, hook, "circuit breaker closed: the plugin works again");
            }
        }
    }

    fn log_try(&self) {
        tracing::info!(
            plugin = self.plugin.name(),
            digest = &*self.plugin.info().digest_short,
            hook = self.hook.name(),
            "circuit breaker half-open: one call at a time tries the plugin"
        );
    }

    /// What an open breaker means for the callers.
    fn meanwhile(&self) -> String {
        match self.hook.kind() {
            HookKind::Event => "its events wait".to_owned(),
            _ => format!("its failure policy `{}` answers", self.plugin.on_failure(self.hook)),
        }
    }

    pub(crate) fn log_denial(&self, denial: &Denial) {
        tracing::info!(
            plugin = self.plugin.name(),
            digest = &*self.plugin.info().digest_short,
            hook = self.hook.name(),
            request.id = &*self.context.request.id,
            code = denial.code.as_deref(),
            reason = denial.reason.as_deref(),
            "a plugin denied the sign-in"
        );
    }

    /// Writes the failure to the log; nobody else does.
    pub(crate) fn failed(&self, stage: Stage, took: Duration) -> HookFailure {
        let is_event = self.hook.kind() == HookKind::Event;
        let policy = (!is_event).then(|| self.plugin.on_failure(self.hook).name());
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    plugin = self.plugin.name(),
                    digest = &*self.plugin.info().digest_short,
                    hook = self.hook.name(),
                    request.id = &*self.context.request.id,
                    stage = stage.word(),
                    policy,
                    elapsed_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
                    "a hook failed: it {stage}"
                )
            };
        }
        match stage {
            Stage::Host(_) => line!(error),
            // Said once, when it opened.
            Stage::BreakerOpen { .. } => line!(debug),
            _ => line!(warn),
        }
        HookFailure { plugin: self.plugin.name().to_owned(), hook: self.hook, stage }
    }
}

const BREAKER_OPEN: &str = Stage::BreakerOpen { retry_ms: 0 }.word();

/// Writes into a call's span how it ended and, if the plugin was asked, where its time went.
fn write_down(span: &Span, outcome: Outcome, report: Option<&CallReport>) {
    if span.is_disabled() {
        return;
    }
    span.record("outcome", outcome.word());
    if outcome.is_failure() {
        span.record("otel.status_code", "ERROR");
    }
    if let Some(report) = report {
        let parts = [
            ("wait_us", report.wait),
            ("instantiate_us", report.instantiate),
            ("guest_us", report.guest),
            ("host_us", report.host),
        ];
        for (name, took) in parts {
            span.record(name, signed(took.as_micros()));
        }
    }
}

/// The only whole number that OpenTelemetry has.
fn signed(number: u128) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Whether a failure is the plugin's own.
const fn verdict(stage: &Stage) -> Verdict {
    match stage {
        Stage::Queue { .. } | Stage::Budget { .. } => Verdict::Nothing,
        _ => Verdict::Bad,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
