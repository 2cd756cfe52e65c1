//! `hookgate plugin bench`: what a call costs, on one thread.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use hookgate_core::hooks::{Hook, Stage};
use hookgate_hooks::{CallReport, Digest, EngineConfig};
use serde::Serialize;

use super::call::{self, Answer};
use super::fixture::{Configured, Fixture, Question};
use super::text::{bytes, microseconds, row, time};
use super::{FAILED, PluginError, load};

/// How often progress is shown.
const PROGRESS: Duration = Duration::from_secs(1);

/// What `plugin bench` takes.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// The component, NAME.wasm; its manifest is NAME.toml beside it
    file: PathBuf,
    /// Which hook [default: the fixture's, else the first]
    #[arg(long)]
    hook: Option<String>,
    /// The user, the request and the claims as JSON (default: ada@example.com and made-up ones)
    #[arg(long, value_name = "FILE")]
    fixture: Option<PathBuf>,
    /// How many calls after the first one
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    calls: u32,
    /// Answer with one JSON object
    #[arg(long)]
    json: bool,
}

/// What was measured.
#[derive(Serialize)]
struct Measurement {
    plugin: String,
    digest: Digest,
    hook: Hook,
    calls: u32,
    /// How many of them an instance served that had served before; absent without `[reuse]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reused: Option<usize>,
    /// Inspecting, compiling, linking, the first instance.
    load_ms: f64,
    /// The very first call.
    cold_us: f64,
    p50_us: f64,
    p99_us: f64,
    max_us: f64,
    start_p50_us: f64,
    guest_p50_us: f64,
    calls_per_second: f64,
    peak_memory_bytes: u64,
    failures: u32,
    /// What the first failure was.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    /// Whether this program was built without optimisation: its part of a call is slower then.
    development_build: bool,
}

/// Measures.
pub(super) fn bench(args: &BenchArgs) -> Result<ExitCode, PluginError> {
    let fixture = Fixture::read_or_default(args.fixture.as_deref())?;
    let measurement = load::runtime()?.block_on(async {
        let loaded = load::load(&args.file, EngineConfig::default()).await?;
        let first = loaded.plugin.hooks().first().map(|hook| hook.name());
        let hook =
            load::choose_hook(&loaded.plugin, args.hook.as_deref(), fixture.hook.as_deref().or(first))?;
        let configured = fixture.configure(&loaded, &[]).await?;
        Ok::<_, PluginError>(measure(&configured, &fixture.question(hook)?, args.calls, loaded.took).await)
    })?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&measurement)?)?;
    } else {
        measurement.write(&mut out)?;
    }
    Ok(if measurement.failures == 0 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

async fn measure(configured: &Configured, question: &Question, calls: u32, load: Duration) -> Measurement {
    let plugin = &configured.plugin;
    let mut failures = Failures::default();
    let cold = call::ask(configured, question).await;
    failures.note(&cold.answer);
    let mut reports: Vec<CallReport> = Vec::with_capacity(calls as usize);
    let began = Instant::now();
    let mut shown = began;
    for done in 0..calls {
        let outcome = call::ask(configured, question).await;
        failures.note(&outcome.answer);
        reports.push(outcome.report);
        if shown.elapsed() > PROGRESS {
            shown = Instant::now();
            eprintln!("{} of {calls} calls …", done + 1);
        }
    }
    let elapsed = began.elapsed();

    let total = sorted(&reports, |report| report.total);
    let quantile = |times: &[Duration], share: f64| microseconds(quantile(times, share));
    let peak = reports.iter().map(|report| report.peak_memory).fold(cold.report.peak_memory, u64::max);
    Measurement {
        plugin: plugin.name().to_owned(),
        digest: plugin.digest(),
        hook: question.hook,
        calls,
        reused: plugin.manifest().reuse.map(|_| reports.iter().filter(|report| report.reused).count()),
        load_ms: microseconds(load) / 1000.0,
        cold_us: microseconds(cold.report.total),
        p50_us: quantile(&total, 0.5),
        p99_us: quantile(&total, 0.99),
        max_us: quantile(&total, 1.0),
        start_p50_us: quantile(&sorted(&reports, |report| report.instantiate), 0.5),
        guest_p50_us: quantile(&sorted(&reports, |report| report.guest), 0.5),
        calls_per_second: (f64::from(calls) / elapsed.as_secs_f64().max(1e-9)).round(),
        peak_memory_bytes: peak,
        failures: failures.count,
        failure: failures.first.map(|stage| format!("it {stage}")),
        development_build: cfg!(debug_assertions),
    }
}

#[derive(Default)]
struct Failures {
    count: u32,
    first: Option<Stage>,
}

impl Failures {
    fn note(&mut self, answer: &Answer) {
        if let Answer::Failed(stage) = answer {
            self.count += 1;
            self.first.get_or_insert_with(|| stage.clone());
        }
    }
}

fn sorted(reports: &[CallReport], part: fn(&CallReport) -> Duration) -> Vec<Duration> {
    let mut times: Vec<Duration> = reports.iter().map(part).collect();
    times.sort_unstable();
    times
}

/// The time that `share` of the calls kept to.
fn quantile(sorted: &[Duration], share: f64) -> Duration {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of calls, times a share of 0 to 1"
    )]
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

impl Measurement {
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let shown = |microseconds: f64| time(Duration::from_secs_f64(microseconds / 1e6));
        row(out, "plugin", format_args!("{}, sha256 {}", self.plugin, self.digest.short()))?;
        let kind = if self.reused.is_some() { "calls" } else { "fresh calls" };
        row(out, "hook", format_args!("{}, {} {kind} on one thread", self.hook, self.calls))?;
        if let Some(reused) = self.reused {
            row(out, "reused", format_args!("{reused} of them found an instance that had served before"))?;
        }
        row(out, "load", format_args!("{:.1} ms: compiling and the first instance", self.load_ms))?;
        row(out, "first call", shown(self.cold_us))?;
        row(out, "p50", shown(self.p50_us))?;
        row(out, "  start", shown(self.start_p50_us))?;
        row(out, "  guest", shown(self.guest_p50_us))?;
        row(out, "p99", shown(self.p99_us))?;
        row(out, "slowest", shown(self.max_us))?;
        row(out, "throughput", format_args!("{} calls/s", self.calls_per_second))?;
        row(out, "memory", format_args!("{} at its peak", bytes(self.peak_memory_bytes)))?;
        if let Some(failure) = &self.failure {
            row(out, "failures", format_args!("{}; the first: {failure}", self.failures))?;
        }
        if self.development_build {
            row(out, "note", "this is a development build of hookgate; the server's part is slower in it")?;
        }
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_times_that_were_measured() {
        let times: Vec<_> = (1..=100).map(Duration::from_micros).collect();
        assert_eq!(quantile(&times, 0.5), Duration::from_micros(50));
        assert_eq!(quantile(&times, 0.99), Duration::from_micros(99));
        assert_eq!(quantile(&times, 1.0), Duration::from_micros(100));
        assert_eq!(quantile(&times[..1], 0.99), Duration::from_micros(1));
        assert_eq!(quantile(&[], 0.5), Duration::ZERO);
    }
}
