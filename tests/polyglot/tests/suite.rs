//! Every case against the reference plugin of every language, and every example plugin under its manifest.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use hookgate_hooks::{HookInput, HookOutput, Inspected, Manifest};
use hookgate_polyglot::subject::{Subject, build_folder, components};
use hookgate_polyglot::{cases, fixture, logs};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

/// What is built where nothing is missing. A language that is not there is one that is not tested.
const LANGUAGES: [&str; 10] = [
    "assemblyscript",
    "c",
    "cpp",
    "go",
    "javascript",
    "javascript-spidermonkey",
    "python",
    "rust",
    "typescript",
    "zig",
];

fn main() -> ExitCode {
    logs::keep();
    let arguments = Arguments::from_args();
    let mut trials =
        vec![Trial::test("all_languages_are_there", all_are_there), Trial::test("wit_copies", wit_copies)];
    trials.extend(references(&arguments));
    trials.extend(of_folder("surroundings", surroundings));
    trials.extend(of_folder("examples", example));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn references(arguments: &Arguments) -> Vec<Trial> {
    let found = match components(&build_folder().join("reference")) {
        Ok(found) => found,
        Err(error) => return vec![failing("reference plugins", error)],
    };
    let mut trials = Vec::new();
    for (language, path) in found {
        // Large ones take seconds to compile: not for a test that is filtered out, nor for a mere list.
        let prefix = format!("{language}::");
        if arguments.list || arguments.filter.as_ref().is_some_and(|filter| !filter.starts_with(&prefix)) {
            continue;
        }
        match Subject::load(&language, &path, None) {
            Ok(subject) => trials.extend(of_language(Arc::new(subject))),
            Err(error) => trials.push(failing(&language, error)),
        }
    }
    trials
}

fn of_language(subject: Arc<Subject>) -> Vec<Trial> {
    let trial = |case: cases::Case| {
        let subject = Arc::clone(&subject);
        let name = format!("{}::{}::{}", subject.language, case.hook, case.name.replace(' ', "_"));
        Trial::test(name, move || (case.run)(&subject, case.hook).map_err(Failed::from))
    };
    let mut trials: Vec<Trial> = cases::all().into_iter().map(trial).collect();
    let name = format!("{}::calls_do_not_grow", subject.language);
    trials.push(Trial::test(name, move || calls_do_not_grow(&subject).map_err(Failed::from)));
    trials
}

/// The last of many calls needs no more memory than the first, whatever came between, and neither does the host.
/// `HOOKGATE_POLYGLOT_CALLS` says how many.
fn calls_do_not_grow(subject: &Subject) -> Result<(), String> {
    let asked = std::env::var("HOOKGATE_POLYGLOT_CALLS").ok().and_then(|text| text.parse().ok());
    let is_heavy = subject.language == "python" || subject.language.ends_with("spidermonkey");
    let calls: usize = asked.unwrap_or(if is_heavy { 10_000 } else { 100_000 });
    let before = resident_kib();
    let user = fixture::user("ada@example.com");
    let claims = Value::Object(fixture::claims()).to_string();
    let mut first = None;
    for call in 0..calls {
        let (answer, report) =
            subject.ask(&fixture::context(), HookInput::ModifyJwt { claims: &claims, user: &user });
        answer.map_err(|stage| format!("call {call}: it {stage}"))?;
        let first = *first.get_or_insert(report.peak_memory);
        if report.peak_memory > first {
            return Err(format!("call {call} needs {} bytes, the first {first}", report.peak_memory));
        }
    }
    // Other languages run at the same time: what they hold is in it, too, but a leak per call would be far more.
    let grown = resident_kib().saturating_sub(before);
    if grown > HOST_GROWTH_KIB {
        Err(format!("the host grew by {grown} KiB in {calls} calls"))
    } else {
        Ok(())
    }
}

const HOST_GROWTH_KIB: u64 = 512 << 10;

/// What the process holds; 0 where the system does not say.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

fn failing(name: &str, error: String) -> Trial {
    Trial::test(format!("{name}::loads"), move || Err(Failed::from(error)))
}

fn all_are_there() -> Result<(), Failed> {
    let found: BTreeSet<String> =
        components(&build_folder().join("reference"))?.into_iter().map(|(name, _)| name).collect();
    let missing: Vec<&str> = LANGUAGES.into_iter().filter(|language| !found.contains(*language)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("not built: {}", missing.join(", ")).into()) }
}

/// The SDKs carry the contract with them.
fn wit_copies() -> Result<(), Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for entry in std::fs::read_dir(root.join("wit"))? {
        let file = entry?.file_name();
        let original = std::fs::read(root.join("wit").join(&file))?;
        for copy in ["js/wit", "python/hookgate_plugin/wit", "core-module/wit"] {
            let path = root.join("plugins-sdk").join(copy).join(&file);
            if std::fs::read(&path).ok().as_ref() != Some(&original) {
                return Err(format!("{} is not the contract; copy wit/ there", path.display()).into());
            }
        }
    }
    Ok(())
}

/// One trial for each component of a folder.
fn of_folder(folder: &str, run: fn(&str, &Path) -> Result<(), String>) -> Vec<Trial> {
    match components(&build_folder().join(folder)) {
        Ok(found) => found
            .into_iter()
            .map(|(name, path)| {
                Trial::test(format!("{folder}::{name}"), move || run(&name, &path).map_err(Failed::from))
            })
            .collect(),
        Err(error) => vec![failing(folder, error)],
    }
}

/// The language's own clock, random numbers and printing, where an SDK provides them: they are the server's; with
/// WASI (`NAME-wasi`) time and randomness are the system's.
fn surroundings(name: &str, path: &Path) -> Result<(), String> {
    let subject = Subject::load(name, path, None)?;
    let mut context = fixture::context();
    context.request.id = format!("surroundings-{name}");
    let user = fixture::user("ada@example.com");
    let mut answers = Vec::new();
    for _ in 0..2 {
        let (answer, _) = subject.ask(&context, HookInput::ModifyJwt { claims: "{}", user: &user });
        match answer.map_err(|stage| format!("it {stage}"))? {
            HookOutput::Json(text) => {
                answers.push(serde_json::from_str::<Value>(&text).map_err(|error| error.to_string())?);
            }
            other => return Err(format!("no JSON: {other:?}")),
        }
    }
    let printed = logs::take(name, &context.request.id);
    if printed.len() != 2 || printed.iter().any(|line| line.message != "printed line" || line.level != "INFO")
    {
        return Err(format!("it should have printed one line per call: {printed:?}"));
    }
    let random: Vec<&Value> =
        answers.iter().filter_map(|answer| answer["random"].as_array()).flatten().collect();
    let now = answers.iter().filter_map(|answer| answer["now"].as_i64()).max().ok_or("there is no `now`")?;
    let drawn: BTreeSet<String> = random.iter().map(ToString::to_string).collect();
    if now > context.request.time_ms && drawn.len() == random.len() && random.len() >= 6 {
        Ok(())
    } else {
        Err(format!("it answered {answers:?}"))
    }
}

/// It loads under its manifest, which names just its hooks and grants just its imports.
fn example(name: &str, path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path.with_extension("toml")).map_err(|error| error.to_string())?;
    let manifest = Manifest::parse(&text).map_err(|error| error.to_string())?;
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let inspected = Inspected::of(&bytes, u64::MAX).map_err(|error| error.to_string())?;
    let grants: BTreeSet<_> = manifest.grants.iter().flatten().collect();
    if grants != inspected.capabilities.iter().collect() {
        return Err(format!("it is granted {grants:?} and imports {:?}", inspected.capabilities));
    }
    let hooks: BTreeSet<_> = manifest.hooks.iter().flatten().copied().collect();
    if hooks != inspected.hooks().collect() {
        return Err(format!(
            "the manifest names {hooks:?}, it has {:?}",
            inspected.hooks().collect::<Vec<_>>()
        ));
    }
    Subject::load(name, path, Some(&text)).map(drop)
}
