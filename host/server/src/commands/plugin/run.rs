//! `hookgate plugin run`: calls one hook and says everything about the answer.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use hookgate_core::JsonObject;
use hookgate_core::hooks::{Hook, Stage};
use hookgate_hooks::{Digest, EngineConfig, Limits, PreparedPlugin};
use serde::Serialize;
use serde_json::Value;

use super::call::{self, Answer, Cost, Outcome};
use super::capture::{Capture, LogLine};
use super::difference::Difference;
use super::fixture::{Fixture, Question, parse_setting};
use super::stand_in::HostCall;
use super::text::{bytes, printable, row, shown_limits, time};
use super::{FAILED, PluginError, load};

/// What `plugin run` takes.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The component, NAME.wasm; its manifest is NAME.toml beside it
    file: PathBuf,
    /// Which hook [default: the fixture's, else the only one]
    #[arg(long)]
    hook: Option<String>,
    /// The user, the request and the claims as JSON (default: ada@example.com and made-up ones)
    #[arg(long, value_name = "FILE")]
    fixture: Option<PathBuf>,
    /// One setting over those of fixture and manifest; JSON or text
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_setting)]
    config: Vec<(String, Value)>,
    /// Count the instructions, too: compiles the plugin a second time and calls it once more
    #[arg(long)]
    instructions: bool,
    /// Answer with one JSON object
    #[arg(long)]
    json: bool,
}

/// Calls one hook.
pub(super) fn run(args: &RunArgs) -> Result<ExitCode, PluginError> {
    let fixture = Fixture::read_or_default(args.fixture.as_deref())?;
    let capture = Capture::start()?;
    let (plugin, question, outcome, instructions) = load::runtime()?.block_on(async {
        let loaded = load::load(&args.file, EngineConfig::default()).await?;
        let hook = load::choose_hook(&loaded.plugin, args.hook.as_deref(), fixture.hook.as_deref())?;
        let configured = fixture.configure(&loaded, &args.config).await?;
        let question = fixture.question(hook)?;
        capture.take();
        let mut outcome = call::ask(&configured, &question).await;
        outcome.lines = capture.take();
        let instructions = if args.instructions { count(args, &fixture, &question).await? } else { None };
        Ok::<_, PluginError>((configured.plugin, question, outcome, instructions))
    })?;
    let mut out = io::stdout().lock();
    if args.json {
        let report = Report::of(&plugin, question.hook, &outcome, instructions);
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        write(&mut out, &plugin, question.hook, &outcome, instructions)?;
    }
    Ok(match outcome.answer {
        Answer::Failed(_) => ExitCode::from(FAILED),
        _ => ExitCode::SUCCESS,
    })
}

/// On an engine of its own, since counting makes everything slower.
async fn count(args: &RunArgs, fixture: &Fixture, question: &Question) -> Result<Option<u64>, PluginError> {
    let config = EngineConfig { count_instructions: true, ..EngineConfig::default() };
    let loaded = load::load(&args.file, config).await?;
    let configured = fixture.configure(&loaded, &args.config).await?;
    Ok(call::ask(&configured, question).await.report.instructions)
}

fn write(
    out: &mut impl Write,
    plugin: &PreparedPlugin,
    hook: Hook,
    outcome: &Outcome,
    instructions: Option<u64>,
) -> io::Result<()> {
    row(out, "plugin", format_args!("{}, sha256 {}", plugin.name(), plugin.digest().short()))?;
    row(out, "hook", hook)?;
    row(out, "answer", outcome.answer.word())?;
    match &outcome.answer {
        Answer::Allowed | Answer::Taken => {}
        Answer::Denied(denial) => {
            let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
            row(out, "  code", or_none(&denial.code))?;
            row(out, "  message", or_none(&denial.message))?;
            row(out, "  reason", or_none(&denial.reason))?;
        }
        Answer::Changed { difference, .. } => difference.write(out)?,
        Answer::Failed(stage) => row(out, "  cause", format_args!("it {stage}"))?,
    }
    let report = &outcome.report;
    row(
        out,
        "time",
        format_args!(
            "{} in all: start {}, guest {}",
            time(report.total),
            time(report.instantiate),
            time(report.guest)
        ),
    )?;
    row(out, "memory", format_args!("{} at its peak", bytes(report.peak_memory)))?;
    if let Some(instructions) = instructions {
        row(out, "instructions", instructions)?;
    }
    row(out, "limits", shown_limits(plugin.limits()))?;
    row(out, "host calls", if outcome.record.calls.is_empty() { "none" } else { "" })?;
    for HostCall { call, what, answer } in &outcome.record.calls {
        writeln!(out, "  {call:<20}{}  →  {}", printable(what), printable(answer))?;
    }
    row(out, "log", if outcome.lines.is_empty() { "nothing" } else { "" })?;
    for line in &outcome.lines {
        let fields = line.fields.as_deref().map(|fields| format!("  {fields}")).unwrap_or_default();
        writeln!(out, "  {:<6}{}{fields}", line.level, line.message)?;
    }
    out.flush()
}

/// The same for JSON.
#[derive(Serialize)]
struct Report<'a> {
    plugin: &'a str,
    digest: Digest,
    hook: Hook,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    denial: Option<DenialReport<'a>>,
    /// The claims or the session as the plugin left them.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a JsonObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<&'a Difference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureReport>,
    cost: Cost,
    host_calls: &'a [HostCall],
    logs: &'a [LogLine],
    limits: &'a Limits,
}

#[derive(Serialize)]
struct DenialReport<'a> {
    code: Option<&'a str>,
    message: Option<&'a str>,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct FailureReport {
    stage: &'static str,
    cause: String,
}

impl FailureReport {
    fn of(stage: &Stage) -> Self {
        Self { stage: stage.word(), cause: format!("it {stage}") }
    }
}

impl<'a> Report<'a> {
    fn of(plugin: &'a PreparedPlugin, hook: Hook, outcome: &'a Outcome, instructions: Option<u64>) -> Self {
        let mut report = Self {
            plugin: plugin.name(),
            digest: plugin.digest(),
            hook,
            outcome: outcome.answer.word(),
            denial: None,
            object: None,
            difference: None,
            failure: None,
            cost: Cost::of(&outcome.report, instructions),
            host_calls: &outcome.record.calls,
            logs: &outcome.lines,
            limits: plugin.limits(),
        };
        match &outcome.answer {
            Answer::Allowed | Answer::Taken => {}
            Answer::Denied(denial) => {
                report.denial = Some(DenialReport {
                    code: denial.code.as_deref(),
                    message: denial.message.as_deref(),
                    reason: denial.reason.as_deref(),
                });
            }
            Answer::Changed { object, difference } => {
                (report.object, report.difference) = (Some(object), Some(difference));
            }
            Answer::Failed(stage) => report.failure = Some(FailureReport::of(stage)),
        }
        report
    }
}
