//! One call as the server makes it: the hook is called, and its answer held against the hook's rules.

use hookgate_core::JsonObject;
use hookgate_core::hooks::{Decision, Denial, Given, Hook, Stage, guard_claims, guard_session};
use hookgate_hooks::{CallReport, HookOutput, PreparedPlugin};
use serde::Serialize;

use super::capture::LogLine;
use super::difference::Difference;
use super::fixture::{Configured, Question};
use super::stand_in::Record;
use super::text::microseconds;

/// What came of a call.
pub(super) struct Outcome {
    pub(super) answer: Answer,
    pub(super) report: CallReport,
    pub(super) lines: Vec<LogLine>,
    /// What it did with storage and network.
    pub(super) record: Record,
}

/// What was answered.
pub(super) enum Answer {
    Allowed,
    Denied(Denial),
    /// Claims or a session that the server would take.
    Changed {
        object: JsonObject,
        difference: Difference,
    },
    /// By an event: taken note of.
    Taken,
    Failed(Stage),
}

impl Answer {
    /// One word.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied(_) => "denied",
            Self::Changed { .. } => "answered",
            Self::Taken => "taken",
            Self::Failed(_) => "failed",
        }
    }
}

/// Asks once. The lines are the caller's to add.
pub(super) async fn ask(configured: &Configured, question: &Question) -> Outcome {
    let Configured { plugin, stand_in } = configured;
    let (result, report) = plugin.call(&question.context, question.input()).await;
    let answer = match result {
        Ok(HookOutput::Decision(Decision::Allow)) => Answer::Allowed,
        Ok(HookOutput::Decision(Decision::Deny(denial))) => Answer::Denied(denial),
        Ok(HookOutput::Taken) => Answer::Taken,
        Ok(HookOutput::Json(text)) => guarded(plugin, question, &text),
        Err(stage) => Answer::Failed(stage),
    };
    Outcome { answer, report, lines: Vec::new(), record: stand_in.take() }
}

fn guarded(plugin: &PreparedPlugin, question: &Question, text: &str) -> Answer {
    let limits = plugin.limits();
    let size = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX);
    let given = match Given::of(&question.object) {
        Ok(given) => given,
        Err(error) => return Answer::Failed(Stage::Host(error.to_string())),
    };
    let guarded = if question.hook == Hook::ModifySession {
        guard_session(&given, text, size(limits.max_session_bytes))
    } else {
        guard_claims(&given, text, size(limits.max_claims_bytes))
    };
    match guarded {
        Ok(changes) => {
            let mut object = question.object.clone();
            changes.apply(&mut object);
            let difference = Difference::between(&question.object, &object);
            Answer::Changed { object, difference }
        }
        Err(violation) => Answer::Failed(Stage::Answer(violation)),
    }
}

/// A report for JSON.
#[derive(Serialize)]
pub(super) struct Cost {
    start_us: f64,
    guest_us: f64,
    total_us: f64,
    peak_memory_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<u64>,
}

impl Cost {
    pub(super) fn of(report: &CallReport, instructions: Option<u64>) -> Self {
        Self {
            start_us: microseconds(report.instantiate),
            guest_us: microseconds(report.guest),
            total_us: microseconds(report.total),
            peak_memory_bytes: report.peak_memory,
            instructions,
        }
    }
}
