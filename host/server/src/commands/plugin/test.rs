//! `hookgate plugin test`: a folder of cases, each a fixture with what must be answered.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

use clap::Args;
use hookgate_core::JsonObject;
use hookgate_core::hooks::{Denial, Hook};
use hookgate_hooks::EngineConfig;
use hookgate_plugin_build::Project;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::{self, Answer, Outcome};
use super::capture::Capture;
use super::expect_outside::{ExpectedRequest, outside};
use super::fixture::Fixture;
use super::text::printable;
use super::{FAILED, PluginError, load};

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

/// What must be answered. What is not named may be anything, except that a failure must be expected.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Expect {
    decision: Option<ExpectedDecision>,
    deny: Option<ExpectedDenial>,
    /// Claims that must be there with these values.
    claims: Option<JsonObject>,
    /// The same of a session.
    session: Option<JsonObject>,
    /// Members of claims or session that must not be there.
    absent: Vec<String>,
    /// A part of the failure's text.
    error: Option<String>,
    /// Parts of log lines, each of which must be there.
    logs: Vec<String>,
    /// The requests that are sent, in order: these and no others.
    http: Option<Vec<ExpectedRequest>>,
    /// What the plugin keeps after the call; null for nothing.
    kv: BTreeMap<String, Value>,
}

static NOTHING_SPECIAL: LazyLock<Expect> = LazyLock::new(Expect::default);

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ExpectedDecision {
    Allow,
    Deny,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ExpectedDenial {
    code: Option<String>,
    message: Option<String>,
    reason: Option<String>,
}

/// One thing that is not as expected.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Mismatch {
    what: String,
    expected: String,
    got: String,
}

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
        for (what, expected, got) in
            outside(expect.http.as_deref(), &expect.kv, &outcome, &configured).await?
        {
            mismatches.push(Mismatch { what, expected, got });
        }
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

impl Expect {
    /// Everything that is not as expected.
    fn compare(&self, outcome: &Outcome) -> Vec<Mismatch> {
        let mut mismatches = Vec::new();
        let mut differ = |what: &str, expected: String, got: String| {
            mismatches.push(Mismatch { what: what.to_owned(), expected, got });
        };
        match (&self.error, &outcome.answer) {
            (None, Answer::Failed(stage)) => {
                differ("answer", "one".to_owned(), format!("a failure: it {stage}"));
                return mismatches;
            }
            (Some(part), Answer::Failed(stage)) => {
                let text = format!("it {stage}");
                if !text.contains(part) {
                    differ("error", format!("…{part}…"), text);
                }
            }
            (Some(part), answer) => differ("error", format!("…{part}…"), answer.word().to_owned()),
            (None, _) => {}
        }
        if let Some(decision) = self.decision {
            let (word, is_so) = match decision {
                ExpectedDecision::Allow => ("allowed", matches!(outcome.answer, Answer::Allowed)),
                ExpectedDecision::Deny => ("denied", matches!(outcome.answer, Answer::Denied(_))),
            };
            if !is_so {
                differ("decision", word.to_owned(), outcome.answer.word().to_owned());
            }
        }
        if let Some(expected) = &self.deny {
            match &outcome.answer {
                Answer::Denied(denial) => expected.compare(denial, &mut differ),
                other => differ("decision", "denied".to_owned(), other.word().to_owned()),
            }
        }
        self.compare_object(&outcome.answer, &mut differ);
        for part in &self.logs {
            let is_in = |text: Option<&str>| text.is_some_and(|text| text.contains(part.as_str()));
            let lines = &outcome.lines;
            if !lines.iter().any(|line| is_in(Some(&line.message)) || is_in(line.fields.as_deref())) {
                let said: Vec<_> = lines.iter().map(|line| line.message.as_str()).collect();
                let said = if said.is_empty() { "nothing".to_owned() } else { said.join(" | ") };
                differ("logs", format!("…{part}…"), said);
            }
        }
        mismatches
    }

    fn compare_object(&self, answer: &Answer, differ: &mut impl FnMut(&str, String, String)) {
        let wanted: Vec<_> = [("claims", &self.claims), ("session", &self.session)]
            .into_iter()
            .filter_map(|(kind, object)| Some((kind, object.as_ref()?)))
            .collect();
        if wanted.is_empty() && self.absent.is_empty() {
            return;
        }
        let Answer::Changed { object, .. } = answer else {
            let kind = wanted.first().map_or("claims or a session", |(kind, _)| *kind);
            return differ("answer", kind.to_owned(), answer.word().to_owned());
        };
        for (kind, members) in wanted {
            for (name, value) in members {
                match object.get(name) {
                    Some(got) if got == value => {}
                    got => {
                        let got = got.map_or("nothing".to_owned(), ToString::to_string);
                        differ(&format!("{kind}.{name}"), value.to_string(), got);
                    }
                }
            }
        }
        for name in &self.absent {
            if let Some(got) = object.get(name) {
                differ(name, "nothing".to_owned(), got.to_string());
            }
        }
    }
}

impl ExpectedDenial {
    fn compare(&self, denial: &Denial, differ: &mut impl FnMut(&str, String, String)) {
        for (what, expected, got) in [
            ("deny.code", &self.code, &denial.code),
            ("deny.message", &self.message, &denial.message),
            ("deny.reason", &self.reason, &denial.reason),
        ] {
            if let Some(expected) = expected
                && Some(expected) != got.as_ref()
            {
                let got = got.as_ref().map_or("none".to_owned(), |text| format!("{text:?}"));
                differ(what, format!("{expected:?}"), got);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hookgate_core::hooks::Stage;
    use hookgate_hooks::CallReport;
    use serde_json::{Value, json};

    use super::super::difference::Difference;
    use super::super::stand_in::Record;
    use super::*;

    fn mismatches(expect: Value, answer: Answer) -> Vec<String> {
        let expect: Expect = serde_json::from_value(expect).expect("an expectation");
        let outcome =
            Outcome { answer, report: CallReport::default(), lines: Vec::new(), record: Record::default() };
        expect
            .compare(&outcome)
            .into_iter()
            .map(|m| format!("{}: {} / {}", m.what, m.expected, m.got))
            .collect()
    }

    fn claims() -> Answer {
        let Value::Object(object) = json!({"plan": "free", "sub": "u"}) else { unreachable!("an object") };
        Answer::Changed { object, difference: Difference::default() }
    }

    #[test]
    fn what_is_as_expected_says_nothing() {
        let denied = || Answer::Denied(Denial { code: Some("no".to_owned()), ..Denial::default() });
        let none: Vec<String> = Vec::new();
        assert_eq!(mismatches(json!({"decision": "allow"}), Answer::Allowed), none);
        assert_eq!(mismatches(json!({"deny": {"code": "no"}}), denied()), none);
        assert_eq!(mismatches(json!({"claims": {"plan": "free"}, "absent": ["x"]}), claims()), none);
        assert_eq!(
            mismatches(json!({"error": "10 ms"}), Answer::Failed(Stage::Deadline { limit_ms: 10 })),
            none
        );
    }

    #[test]
    fn what_differs_is_named() {
        assert_eq!(mismatches(json!({"decision": "deny"}), Answer::Allowed), ["decision: denied / allowed"]);
        assert_eq!(mismatches(json!({"deny": {}}), Answer::Allowed), ["decision: denied / allowed"]);
        assert_eq!(
            mismatches(json!({"claims": {"plan": "pro"}, "absent": ["sub"]}), claims()),
            ["claims.plan: \"pro\" / \"free\"", "sub: nothing / \"u\""]
        );
        assert_eq!(mismatches(json!({"error": "x"}), Answer::Taken), ["error: …x… / taken"]);
        assert_eq!(mismatches(json!({"logs": ["x"]}), Answer::Taken), ["logs: …x… / nothing"]);
    }

    #[test]
    fn a_failure_must_be_expected() {
        let failed = Answer::Failed(Stage::Trap("unreachable".to_owned()));
        assert_eq!(mismatches(json!({}), failed), ["answer: one / a failure: it trapped: unreachable"]);
    }
}
