//! Every case against the reference plugin of every language, and every example plugin under its manifest.
//!
//! What is not built (`build.sh`) is left out, and said; with `POLYGLOT_STRICT=1` it is a failure.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::{Arc, OnceLock};

use hookgate_hooks::{HookInput, HookOutput, Inspected, Manifest};
use hookgate_polyglot::growth::{self, Instances};
use hookgate_polyglot::languages::{LANGUAGES, Language, build_folder, is_strict};
use hookgate_polyglot::subject::{ENGINE, Subject};
use hookgate_polyglot::{cases, fixture, logs, services, settings};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};
use wasmparser::{Parser, Payload};

/// Components that print, and ask their language for the time and for random numbers.
const SURROUNDINGS: [&str; 3] = ["javascript", "python", "python-wasi"];

/// Components that are started when they are built.
const STARTED: [&str; 1] = ["go"];

/// With it this program measures one language, see [`growth`].
const GROW: &str = "--grow";

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, language, instances] = given.as_slice()
        && flag == GROW
    {
        return grow(language, instances);
    }
    logs::keep();
    let arguments = Arguments::from_args();
    let mut trials = vec![Trial::test("wit_copies", wit_copies)];
    let mut missing = BTreeSet::new();
    for language in LANGUAGES {
        let is_built = language.component().is_file();
        trials.extend(if is_built { of_language(language) } else { absent(language.name) });
        if !is_built {
            missing.insert(language.name.to_owned());
        }
    }
    let folder = build_folder().join("surroundings");
    trials.extend(of_components(
        SURROUNDINGS.map(|name| folder.join(name)).into(),
        &mut missing,
        surroundings,
    ));
    let folder = build_folder().join("started");
    trials.extend(of_components(STARTED.map(|name| folder.join(name)).into(), &mut missing, started));
    trials.extend(of_components(examples(), &mut missing, example));
    if !missing.is_empty() && !arguments.list {
        let missing: Vec<String> = missing.into_iter().collect();
        eprintln!("not built and left out: {}; tests/polyglot/build.sh builds them", missing.join(", "));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Where everything must be built, what is not is a failure.
fn absent(name: &str) -> Vec<Trial> {
    let failure = format!("it is not built; run tests/polyglot/build.sh, and see what it says of {name}");
    let trial = Trial::test(format!("{name}::is_built"), move || Err(failure.into()));
    if is_strict() { vec![trial] } else { Vec::new() }
}

/// All cases of one language, which share a plugin that the first of them loads.
fn of_language(language: Language) -> Vec<Trial> {
    let name = language.name;
    let loaded: Arc<OnceLock<Result<Subject, String>>> = Arc::default();
    let trial = |case: cases::Case| {
        let loaded = Arc::clone(&loaded);
        Trial::test(format!("{name}::{}::{}", case.hook, case.name.replace(' ', "_")), move || {
            let subject = loaded.get_or_init(|| Subject::load(name, &language.component())).as_ref()?;
            (case.run)(subject, case.hook).map_err(Failed::from)
        })
    };
    let mut trials: Vec<Trial> = cases::all().into_iter().map(trial).collect();
    trials.push(Trial::test(format!("{name}::validate-config::refuses_bad_settings"), move || {
        settings::refuses_bad_settings(name, &language.component()).map_err(Failed::from)
    }));
    for instances in [Instances::Fresh, Instances::Reused] {
        let title = format!("{name}::calls_do_not_grow::{}", instances.name());
        trials.push(Trial::test(title, move || in_a_process_of_its_own(language, instances)));
    }
    trials
}

/// Many calls, in a process whose memory is that of this language alone.
fn in_a_process_of_its_own(language: Language, instances: Instances) -> Result<(), Failed> {
    let program = std::env::current_exe()?;
    let output = Command::new(program).args([GROW, language.name, instances.name()]).output()?;
    print!("{}", String::from_utf8_lossy(&output.stdout));
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
    }
}

fn grow(language: &str, instances: &str) -> ExitCode {
    let instances =
        [Instances::Fresh, Instances::Reused].into_iter().find(|one| one.name() == instances).unwrap();
    let language = Language::named(language).unwrap();
    let measured = growth::measure(language, instances, growth::calls(language));
    let checked = measured.and_then(|growth| {
        println!("{}, {}: {growth}", language.name, instances.name());
        growth.check(instances)
    });
    match checked {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// The SDKs carry the contract with them.
fn wit_copies() -> Result<(), Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for entry in fs::read_dir(root.join("wit"))? {
        let file = entry?.file_name();
        let original = fs::read(root.join("wit").join(&file))?;
        for copy in ["js/wit", "python/hookgate_plugin/wit", "core-module/wit"] {
            let path = root.join("plugins-sdk").join(copy).join(&file);
            if fs::read(&path).ok().as_ref() != Some(&original) {
                return Err(format!("{} is not the contract; copy wit/ there", path.display()).into());
            }
        }
    }
    Ok(())
}

/// Every example plugin of the repository, as `build.sh` leaves it.
fn examples() -> Vec<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../example-plugins");
    let languages = folders(&sources).into_iter().filter(|folder| !folder.ends_with("prebuilt"));
    let plugins = languages.flat_map(|language| folders(&language));
    let built = build_folder().join("examples");
    plugins.map(|plugin| built.join(plugin.file_name().unwrap())).collect()
}

/// The folders in a folder that belong to the repository.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries
        .filter(|path| path.is_dir() && !["target", "node_modules"].iter().any(|own| path.ends_with(own)))
        .collect();
    folders.sort();
    folders
}

/// One trial for each component, which are named without their `.wasm`.
fn of_components(
    paths: Vec<PathBuf>,
    missing: &mut BTreeSet<String>,
    run: fn(&str, &Path) -> Result<(), String>,
) -> Vec<Trial> {
    let trials = paths.into_iter().flat_map(|path| {
        let folder =
            path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (title, path) = (format!("{folder}::{name}"), path.with_extension("wasm"));
        if path.is_file() {
            return vec![Trial::test(title, move || run(&name, &path).map_err(Failed::from))];
        }
        let absent = absent(&title);
        missing.insert(title);
        absent
    });
    trials.collect()
}

/// The language's own clock, random numbers and printing, where an SDK provides them: they are the server's; with
/// WASI (`NAME-wasi`) time and randomness are the system's.
fn surroundings(name: &str, path: &Path) -> Result<(), String> {
    let subject = Subject::load(name, path)?;
    let mut context = fixture::context();
    Arc::make_mut(&mut context.request).id = format!("surroundings-{name}");
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

/// The start is over: nothing in the component asks for one, each call finds what it has left behind, and nothing of
/// another call.
fn started(name: &str, path: &Path) -> Result<(), String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    for payload in Parser::new(0).parse_all(&bytes) {
        if let Payload::ExportSection(exports) = payload.map_err(|error| error.to_string())?
            && exports.into_iter().flatten().any(|export| export.name == "_initialize")
        {
            return Err("a module in it is to be started".to_owned());
        }
    }
    let subject = Subject::load(name, path)?;
    let (context, user) = (fixture::context(), fixture::user("ada@example.com"));
    for _ in 0..2 {
        let (answer, _) = subject.ask(&context, HookInput::ModifyJwt { claims: "{}", user: &user });
        let HookOutput::Json(text) = answer.map_err(|stage| format!("it {stage}"))? else {
            return Err("it is no JSON".to_owned());
        };
        let claims: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if claims != json!({"calls": 1, "squares": 101, "ninth": 81, "went_on": true}) {
            return Err(format!("it answered {claims}"));
        }
    }
    Ok(())
}

/// It loads under its manifest, which names just its hooks and grants just its imports.
fn example(name: &str, path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path.with_extension("toml")).map_err(|error| error.to_string())?;
    let manifest = Manifest::parse(&text).map_err(|error| error.to_string())?;
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
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
    Subject::load_with(&ENGINE, name, path, &services::without_secret_files(&text)).map(drop)
}
