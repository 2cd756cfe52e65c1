//! `hookgate plugin bench`: what a call costs, on one thread.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use hookgate_core::hooks::{Hook, Stage};
use hookgate_hooks::{CallReport, Digest, EngineConfig};
use serde::Serialize;

use super::call::{self, Answer, Outcome};
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
    /// How many calls with a new instance each, and how many with kept ones
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
    /// How many calls each of the two series has.
    calls: u32,
    /// Inspecting, compiling, linking, the first instance.
    load_ms: f64,
    /// The very first call.
    first_us: f64,
    /// Each call with an instance of its own.
    cold: Series,
    /// Instances serve several calls, as the manifest's `[reuse]` says, or as an empty one would.
    warm: Series,
    /// Whether the manifest has `[reuse]`, so that `warm` is what the server does.
    reuse: bool,
    peak_memory_bytes: u64,
    failures: u32,
    /// What the first failure was.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    /// Whether this program was built without optimisation: its part of a call is slower then.
    development_build: bool,
}

/// Calls of one kind, one after the other.
#[derive(Serialize)]
struct Series {
    p50_us: f64,
    p99_us: f64,
    max_us: f64,
    start_p50_us: f64,
    guest_p50_us: f64,
    calls_per_second: f64,
    /// How many of them an instance served that had served before.
    reused: usize,
}

/// Measures.
pub(super) fn bench(args: &BenchArgs) -> Result<ExitCode, PluginError> {
    let fixture = Fixture::read_or_default(args.fixture.as_deref())?;
    let measurement = load::runtime()?.block_on(async {
        let loaded = load::compile(&args.file, EngineConfig::default()).await?;
        let first = loaded.plugin.hooks().first().map(|hook| hook.name());
        let hook =
            load::choose_hook(&loaded.plugin, args.hook.as_deref(), fixture.hook.as_deref().or(first))?;
        let configured = fixture.configure(&loaded, &[]).await?;
        Ok::<_, PluginError>(measure(configured, &fixture.question(hook)?, args.calls, loaded.took).await)
    })?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&measurement)?)?;
    } else {
        measurement.write(&mut out)?;
    }
    Ok(if measurement.failures == 0 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

async fn measure(mut configured: Configured, question: &Question, calls: u32, load: Duration) -> Measurement {
    let reuse = configured.plugin.manifest().reuse;
    let mut tally = Tally::default();
    configured.plugin = configured.plugin.with_reuse(None);
    let first = call::ask(&configured, question).await;
    tally.note(&first);
    let cold = series("cold", &configured, question, calls, &mut tally).await;
    configured.plugin = configured.plugin.with_reuse(Some(reuse.unwrap_or_default()));
    // The first makes the instance.
    tally.note(&call::ask(&configured, question).await);
    let warm = series("warm", &configured, question, calls, &mut tally).await;
    Measurement {
        plugin: configured.plugin.name().to_owned(),
        digest: configured.plugin.digest(),
        hook: question.hook,
        calls,
        load_ms: microseconds(load) / 1000.0,
        first_us: microseconds(first.report.total),
        cold,
        warm,
        reuse: reuse.is_some(),
        peak_memory_bytes: tally.peak_memory,
        failures: tally.failures,
        failure: tally.first_failure.map(|stage| format!("it {stage}")),
        development_build: cfg!(debug_assertions),
    }
}

async fn series(
    name: &str,
    configured: &Configured,
    question: &Question,
    calls: u32,
    tally: &mut Tally,
) -> Series {
    let mut reports: Vec<CallReport> = Vec::with_capacity(calls as usize);
    let began = Instant::now();
    let mut shown = began;
    for done in 0..calls {
        let outcome = call::ask(configured, question).await;
        tally.note(&outcome);
        reports.push(outcome.report);
        if shown.elapsed() > PROGRESS {
            shown = Instant::now();
            eprintln!("{name}: {} of {calls} calls …", done + 1);
        }
    }
    let elapsed = began.elapsed();

    let total = sorted(&reports, |report| report.total);
    let quantile = |times: &[Duration], share: f64| microseconds(quantile(times, share));
    Series {
        p50_us: quantile(&total, 0.5),
        p99_us: quantile(&total, 0.99),
        max_us: quantile(&total, 1.0),
        start_p50_us: quantile(&sorted(&reports, |report| report.instantiate), 0.5),
        guest_p50_us: quantile(&sorted(&reports, |report| report.guest), 0.5),
        calls_per_second: (f64::from(calls) / elapsed.as_secs_f64().max(1e-9)).round(),
        reused: reports.iter().filter(|report| report.reused).count(),
    }
}

/// What all calls have in common.
#[derive(Default)]
struct Tally {
    failures: u32,
    first_failure: Option<Stage>,
    peak_memory: u64,
}

impl Tally {
    fn note(&mut self, outcome: &Outcome) {
        self.peak_memory = self.peak_memory.max(outcome.report.peak_memory);
        if let Answer::Failed(stage) = &outcome.answer {
            self.failures += 1;
            self.first_failure.get_or_insert_with(|| stage.clone());
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
        row(out, "hook", format_args!("{}, twice {} calls on one thread", self.hook, self.calls))?;
        row(out, "load", format_args!("{:.1} ms: compiling and the first instance", self.load_ms))?;
        row(out, "first call", shown(self.first_us))?;
        let warm =
            if self.reuse { "kept instances, as [reuse] says" } else { "kept instances, had it [reuse]" };
        for (label, what, series) in
            [("cold", "a new instance for each call", &self.cold), ("warm", warm, &self.warm)]
        {
            row(
                out,
                label,
                format_args!("{what}: p50 {}, p99 {}", shown(series.p50_us), shown(series.p99_us)),
            )?;
            row(
                out,
                "",
                format_args!(
                    "start {}, guest {}, slowest {}, {} calls/s",
                    shown(series.start_p50_us),
                    shown(series.guest_p50_us),
                    shown(series.max_us),
                    series.calls_per_second
                ),
            )?;
        }
        row(
            out,
            "",
            format_args!("{} of the warm calls found an instance that had served before", self.warm.reused),
        )?;
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
