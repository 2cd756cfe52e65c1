//! `hookgate plugin test`: a folder of cases, each a fixture with what must be answered.

mod answer;
mod outside;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

use clap::Args;
use hookgate_core::hooks::Hook;
use hookgate_hooks::EngineConfig;
use hookgate_plugin_build::Project;
use serde::Serialize;

use super::call;
use super::capture::Capture;
use super::expect::Expect;
use super::fixture::Fixture;
use super::text::printable;
use super::{FAILED, PluginError, load};
use answer::Mismatch;

/// What `plugin test` takes.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// The component, or the folder with it
    #[arg(default_value = ".", value_name = "FILE|DIR")]
    path: PathBuf,
    /// The folder of cases, *.json [default: cases beside the component]
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// Answer with one JSON object
    #[arg(long)]
    json: bool,
}

static NOTHING_SPECIAL: LazyLock<Expect> = LazyLock::new(Expect::default);

#[derive(Serialize)]
struct CaseResult {
    name: String,
    hook: Hook,
    passed: bool,
    mismatches: Vec<Mismatch>,
}

#[derive(Serialize)]
struct Summary {
    plugin: String,
    passed: usize,
    failed: usize,
    cases: Vec<CaseResult>,
}

/// Runs all cases.
pub(super) fn test(args: &TestArgs) -> Result<ExitCode, PluginError> {
    let file = component(&args.path)?;
    let folder = match &args.cases {
        Some(folder) => folder.clone(),
        None => file.parent().unwrap_or(Path::new("")).join("cases"),
    };
    let cases = read_cases(&folder)?;
    let capture = Capture::start()?;
    let summary = load::runtime()?.block_on(run(&file, &cases, &capture))?;

    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&summary)?)?;
    } else {
        summary.write(&mut out)?;
    }
    Ok(if summary.failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

/// The component of a folder.
fn component(path: &Path) -> Result<PathBuf, PluginError> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let mut files = files(path, "wasm")?;
    match (files.pop(), files.is_empty()) {
        (Some(only), true) => {
            if is_stale(path, &only) {
                let shown = only.display();
                eprintln!("`{shown}` is older than its source; `hookgate plugin build` makes a new one");
            }
            Ok(only)
        }
        (Some(_), false) => {
            let shown = path.display();
            Err(PluginError::Usage(format!("there are several components in `{shown}`; name one of them")))
        }
        (None, _) => {
            let shown = path.display();
            let build = if path == Path::new(".") { String::new() } else { format!(" {shown}") };
            Err(PluginError::Usage(format!(
                "there is no component in `{shown}`; run `hookgate plugin build{build}`"
            )))
        }
    }
}

/// Whether the source of a project was changed after its component was built.
fn is_stale(folder: &Path, component: &Path) -> bool {
    let built = component.metadata().and_then(|file| file.modified()).ok();
    let changed = Project::of(folder).ok().and_then(|project| project.changed());
    matches!((built, changed), (Some(built), Some(changed)) if changed > built)
}

fn read_cases(folder: &Path) -> Result<Vec<(String, Fixture)>, PluginError> {
    let files = files(folder, "json")?;
    if files.is_empty() {
        return Err(PluginError::Usage(format!("there is no case, *.json, in `{}`", folder.display())));
    }
    let read = |file: PathBuf| {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok((name, Fixture::read(&file)?))
    };
    files.into_iter().map(read).collect()
}

/// The files of a folder with this ending, by name.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, PluginError> {
    let unreadable = |source| PluginError::Read { file: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() && path.extension().is_some_and(|e| e == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

async fn run(file: &Path, cases: &[(String, Fixture)], capture: &Capture) -> Result<Summary, PluginError> {
    let loaded = load::load(file, EngineConfig::default()).await?;
    let plugin = &loaded.plugin;
    let mut results = Vec::new();
    for (name, fixture) in cases {
        let hook = load::choose_hook(plugin, None, fixture.hook.as_deref())?;
        let configured = fixture.configure(&loaded, &[]).await.map_err(|error| in_case(name, error))?;
        let question = fixture.question(hook)?;
        capture.take();
        let mut outcome = call::ask(&configured, &question).await;
        outcome.lines = capture.take();
        let expect = fixture.expect.as_ref().unwrap_or(&NOTHING_SPECIAL);
        let mut mismatches = expect.compare(&outcome);
        mismatches.extend(outside::compare(expect, &outcome, &configured).await?);
        let name = fixture.note.as_ref().map_or_else(|| name.clone(), |note| format!("{name}: {note}"));
        results.push(CaseResult { name, hook, passed: mismatches.is_empty(), mismatches });
    }
    let passed = results.iter().filter(|result| result.passed).count();
    let failed = results.len() - passed;
    Ok(Summary { plugin: plugin.name().to_owned(), passed, failed, cases: results })
}

/// Of many cases, which one has the settings that don't fit.
fn in_case(name: &str, error: PluginError) -> PluginError {
    match error {
        PluginError::Settings(_) => PluginError::Usage(format!("case `{name}`: {error}")),
        other => other,
    }
}

impl Summary {
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        for case in &self.cases {
            let word = if case.passed { "ok" } else { "FAILED" };
            writeln!(out, "{word:<8}{}  ({})", printable(&case.name), case.hook)?;
            for Mismatch { what, expected, got } in &case.mismatches {
                writeln!(out, "          {what}")?;
                writeln!(out, "            expected  {expected}")?;
                writeln!(out, "            got       {got}")?;
            }
        }
        writeln!(out, "{} passed, {} failed", self.passed, self.failed)?;
        out.flush()
    }
}
