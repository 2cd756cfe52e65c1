//! `hookgate plugin new`: a project that builds and passes its own tests.
//!
//! One file and one folder of templates per language.

mod assemblyscript;
mod c;
mod go;
mod js;
mod python;
mod rust;
mod sdk;
mod template;
mod zig;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use hookgate_core::hooks::Hook;

use super::PluginError;
use super::error::{did_you_mean, parse_hook};

/// The longest name that a plugin can have.
const MAX_NAME: usize = 64;

/// What `plugin new` takes.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The plugin's name: lower-case letters, digits and `-`
    name: String,
    /// The language: rust, js, ts, python, c, cpp, zig, go, assemblyscript
    #[arg(long, default_value = "rust")]
    lang: String,
    /// A hook to implement; may be given several times
    #[arg(long, value_name = "HOOK", default_value = "modify-jwt")]
    hook: Vec<String>,
    /// Where to make the folder of the project [default: here]
    #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
    dir: PathBuf,
}

/// What a language's templates are filled with.
struct Project<'a> {
    name: &'a str,
    hooks: Vec<Hook>,
}

/// A language that projects can be made in.
struct Language {
    name: &'static str,
    /// What else people call it.
    aliases: &'static [&'static str],
    /// Why a project of this language can't have that name.
    check_name: fn(&str) -> Result<(), String>,
    /// Paths within the project, and what is there.
    files: fn(&Project<'_>) -> Vec<(String, String)>,
    /// What to run before `hookgate plugin build`: it installs what is needed and runs the unit tests.
    steps: &'static [&'static str],
}

const LANGUAGES: [Language; 9] = [
    rust::LANGUAGE,
    js::JAVASCRIPT,
    js::TYPESCRIPT,
    python::LANGUAGE,
    c::C,
    c::CPP,
    zig::LANGUAGE,
    go::LANGUAGE,
    assemblyscript::LANGUAGE,
];

/// Makes the project.
pub(super) fn new(args: &NewArgs) -> Result<ExitCode, PluginError> {
    let language = language(&args.lang)?;
    check_name(&args.name).and_then(|()| (language.check_name)(&args.name)).map_err(PluginError::Usage)?;
    let mut hooks = args.hook.iter().map(|name| parse_hook(name)).collect::<Result<Vec<_>, _>>()?;
    hooks.sort_unstable();
    hooks.dedup();

    let here = args.dir == Path::new(".");
    let folder = if here { PathBuf::from(&args.name) } else { args.dir.join(&args.name) };
    if folder.symlink_metadata().is_ok() {
        return Err(PluginError::Usage(format!(
            "`{}` is there already; choose another name, or remove it",
            folder.display()
        )));
    }
    for (path, text) in (language.files)(&Project { name: &args.name, hooks }) {
        write(&folder.join(path), &text)?;
    }
    let shown = folder.display();
    let mut out = io::stdout().lock();
    writeln!(out, "Made {shown}. Next:")?;
    writeln!(out, "  cd {shown}")?;
    for step in language.steps {
        writeln!(out, "  {}", step.replace("{{name}}", &args.name))?;
    }
    writeln!(out, "  hookgate plugin build")?;
    writeln!(out, "  hookgate plugin test")?;
    Ok(ExitCode::SUCCESS)
}

fn language(name: &str) -> Result<&'static Language, PluginError> {
    const KNOWN: &[Language] = &LANGUAGES;
    let asked = name.to_lowercase();
    let is_asked =
        |language: &&Language| language.name == asked || language.aliases.contains(&asked.as_str());
    KNOWN.iter().find(is_asked).ok_or_else(|| {
        let known: Vec<_> = KNOWN.iter().map(|language| language.name).collect();
        let words = KNOWN.iter().flat_map(|language| language.aliases.iter().copied().chain([language.name]));
        PluginError::Usage(format!(
            "there is no template for the language `{}`{}; known are {}",
            name.escape_debug(),
            did_you_mean(&asked, words),
            known.join(", ")
        ))
    })
}

fn check_name(name: &str) -> Result<(), String> {
    if is_name(name) {
        return if name == sdk::FOLDER { Err(taken(name, "the SDK's folder")) } else { Ok(()) };
    }
    let near = slug(name);
    let hint = if is_name(&near) { format!("; `{near}` would do") } else { String::new() };
    Err(format!(
        "`{}` can't be a plugin's name: up to {MAX_NAME} lower-case letters (a to z), digits and `-`, a letter first{hint}",
        name.escape_debug()
    ))
}

fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// `My Plugin 2` is `my-plugin-2`.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    words.join("-").trim_start_matches(|c: char| !c.is_ascii_lowercase()).to_owned()
}

/// A good name that the language, or the project itself, has for something else.
fn taken(name: &str, what: &str) -> String {
    format!(
        "`{name}` can't be the name of this plugin: it is {what}; choose another one, such as `my-{name}`"
    )
}

fn write(file: &Path, text: &str) -> Result<(), PluginError> {
    let made = match file.parent() {
        Some(folder) => fs::create_dir_all(folder),
        None => Ok(()),
    };
    made.and_then(|()| fs::write(file, text))
        .map_err(|source| PluginError::Write { file: file.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_fills_its_templates_for_every_hook() {
        for language in &LANGUAGES {
            let project = Project { name: "all-of-them", hooks: Hook::ALL.to_vec() };
            let files = (language.files)(&project);
            for (path, text) in files.iter().filter(|(path, _)| !path.starts_with("hookgate/")) {
                let is_blank = text.replace("}}}", "").contains("{{name")
                    || text.contains("{{e")
                    || text.contains("{{t");
                assert!(!is_blank && !text.is_empty(), "{}: {path}: {text}", language.name);
            }
            for hook in Hook::ALL {
                let case = format!("cases/{hook}.json");
                let (_, case) = files.iter().find(|(path, _)| *path == case).expect("a case");
                let case: serde_json::Value = serde_json::from_str(case).expect("JSON");
                assert_eq!(case["hook"], hook.name());
            }
            assert!(files.iter().any(|(path, _)| path.starts_with("hookgate/")), "{}", language.name);
        }
    }

    #[test]
    fn languages_have_the_names_that_people_use() {
        for (asked, name) in [("rust", "rust"), ("TypeScript", "ts"), ("c++", "cpp"), ("golang", "go")] {
            assert_eq!(language(asked).expect(asked).name, name);
        }
        let error = language("pythn").err().expect("no language").to_string();
        assert!(error.contains("did you mean `python`?"), "{error}");
    }

    #[test]
    fn a_name_that_means_something_else_is_refused() {
        for (lang, name) in [
            ("rust", "match"),
            ("rust", "self"),
            ("python", "json"),
            ("python", "import"),
            ("python", "wit-world"),
            ("js", "test"),
            ("ts", "esbuild"),
            ("c", "test"),
            ("assemblyscript", "assemblyscript"),
        ] {
            let error = (language(lang).expect(lang).check_name)(name).expect_err(name);
            assert!(error.contains(&format!("`my-{name}`")), "{error}");
        }
        assert!(check_name("hookgate").is_err());
    }

    #[test]
    fn a_name_that_would_do_is_offered() {
        for (name, near) in [
            ("My Plugin", "`my-plugin` would do"),
            ("plan_2", "`plan-2` would do"),
            ("2fa", "`fa` would do"),
            ("a/../b", "`a-b` would do"),
        ] {
            let error = check_name(name).expect_err(name);
            assert!(error.ends_with(near), "{error}");
        }
        let error = check_name("\u{43f}\u{43b}\u{430}\u{43d}").expect_err("Cyrillic");
        assert!(error.ends_with("a letter first"), "{error}");
    }

    #[test]
    fn names_must_be_fit_for_files_and_packages() {
        for name in ["plan", "plan-2", "a"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in ["", "Plan", "2plan", "-plan", "a_b", "a/b", "../a", "a.b", &"x".repeat(65)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
