//! What is in an author's folder: the plugin's name, its language, its main file.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::BuildError;

/// The languages that projects can be built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Rust, by Cargo.
    Rust,
    /// JavaScript and TypeScript.
    JavaScript,
    /// Python.
    Python,
    /// C.
    C,
    /// C++.
    Cpp,
    /// Zig.
    Zig,
    /// Go.
    Go,
    /// AssemblyScript.
    AssemblyScript,
}

/// A plugin's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The folder, as an absolute path.
    pub folder: PathBuf,
    /// The plugin's name.
    pub name: String,
    /// What it is written in.
    pub language: Language,
    /// The file that the build starts with, or of Go and Rust the folder's own description.
    pub main: PathBuf,
}

impl Project {
    /// Looks into a folder.
    ///
    /// # Errors
    /// There is no project, or it is not clear which.
    pub fn of(folder: &Path) -> Result<Self, BuildError> {
        let shown = folder;
        let folder = folder.canonicalize().map_err(BuildError::io(shown.display().to_string()))?;
        if folder.join("Cargo.toml").is_file() {
            return Self::rust(folder);
        }
        if folder.join("package.json").is_file() {
            return Self::node(folder);
        }
        if folder.join("go.mod").is_file() {
            return Self::go(folder);
        }
        Self::by_manifest(&folder)?.ok_or_else(|| BuildError::NoProject(shown.to_owned()))
    }

    /// When the newest source was changed: of what lies beside the main file or in `src`, tests left out.
    #[must_use]
    pub fn changed(&self) -> Option<SystemTime> {
        let endings: &[&str] = match self.language {
            Language::Rust => &["rs"],
            Language::JavaScript | Language::AssemblyScript => &["js", "mjs", "ts"],
            Language::Python => &["py"],
            Language::C => &["c", "h"],
            Language::Cpp => &["cpp", "cc", "hpp", "h"],
            Language::Zig => &["zig"],
            Language::Go => &["go"],
        };
        let is_source = |file: &PathBuf| {
            let ending = file.extension().and_then(|ending| ending.to_str());
            let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            ending.is_some_and(|ending| endings.contains(&ending)) && !name.contains("test")
        };
        let folders = [self.folder.clone(), self.folder.join("src")];
        let files = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        let files = files.filter_map(|entry| Some(entry.ok()?.path())).filter(is_source);
        files.filter_map(|file| file.metadata().ok()?.modified().ok()).max()
    }

    fn rust(folder: PathBuf) -> Result<Self, BuildError> {
        let main = folder.join("Cargo.toml");
        let manifest: toml::Table = toml::from_str(&text(&main)?)
            .map_err(|error| problem(&main, format!("is no TOML: {}", error.message())))?;
        let name =
            manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
        let name =
            name.ok_or_else(|| problem(&main, "has no package; name the folder of one plugin"))?.to_owned();
        Ok(Self { folder, name, language: Language::Rust, main })
    }

    fn node(folder: PathBuf) -> Result<Self, BuildError> {
        let file = folder.join("package.json");
        let package: serde_json::Value = serde_json::from_str(&text(&file)?)
            .map_err(|error| problem(&file, format!("is no JSON: {error}")))?;
        let name = package["name"].as_str().ok_or_else(|| problem(&file, "has no `name`"))?;
        // `@acme/plan` is `plan` of `@acme`.
        let name = name.rsplit('/').next().unwrap_or(name).to_owned();
        let needs = |what: &str| {
            ["dependencies", "devDependencies"].iter().any(|kind| package[kind].get(what).is_some())
        };
        let language = if needs("assemblyscript") {
            Language::AssemblyScript
        } else if needs("@hookgate/plugin") {
            Language::JavaScript
        } else {
            return Err(problem(
                &file,
                "has neither `@hookgate/plugin` nor `assemblyscript` among its dependencies",
            ));
        };
        let main = match package["main"].as_str() {
            Some(main) => folder.join(main),
            None => ["ts", "js", "mjs"]
                .iter()
                .map(|ending| folder.join(format!("{name}.{ending}")))
                .find(|file| file.is_file())
                .ok_or_else(|| {
                    problem(&file, format!("names no `main` file, and there is no {name}.js or {name}.ts"))
                })?,
        };
        Ok(Self { folder, name, language, main })
    }

    fn go(folder: PathBuf) -> Result<Self, BuildError> {
        let main = folder.join("go.mod");
        let text = text(&main)?;
        let module = text.lines().find_map(|line| line.strip_prefix("module "));
        // `example.com/plan/v2` is the second major version of `plan`.
        let is_version = |part: &&str| {
            part.strip_prefix('v')
                .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        };
        let name = module.and_then(|path| path.trim().rsplit('/').find(|part| !is_version(part)));
        let name = name.map(|name| name.trim_matches('"').to_owned()).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| problem(&main, "names no module"))?;
        Ok(Self { folder, name, language: Language::Go, main })
    }

    /// Where the language has no project file of its own, the plugin's manifest tells the name.
    fn by_manifest(folder: &Path) -> Result<Option<Self>, BuildError> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).map_err(BuildError::io(folder.display().to_string()))? {
            let file = entry.map_err(BuildError::io(folder.display().to_string()))?.path();
            if file.extension().is_some_and(|extension| extension == "toml")
                && let Some(name) = file.file_stem().and_then(|stem| stem.to_str())
                && let Some((language, main)) = source(folder, name)?
            {
                found.push(Self { folder: folder.to_owned(), name: name.to_owned(), language, main });
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        if let [one, other, ..] = &found[..] {
            let names = format!(
                "holds several plugins, {} and {}; give each a folder of its own",
                one.name, other.name
            );
            return Err(problem(folder, names));
        }
        Ok(found.pop())
    }
}

/// The source file of a plugin of that name.
fn source(folder: &Path, name: &str) -> Result<Option<(Language, PathBuf)>, BuildError> {
    let module = name.replace('-', "_");
    let mut found = [
        (Language::C, format!("{name}.c")),
        (Language::Cpp, format!("{name}.cpp")),
        (Language::Cpp, format!("{name}.cc")),
        (Language::Zig, format!("{name}.zig")),
        (Language::Python, format!("{module}.py")),
    ]
    .into_iter()
    .map(|(language, file)| (language, folder.join(file)))
    .filter(|(_, file)| file.is_file());
    let first = found.next();
    if let (Some((_, one)), Some((_, other))) = (&first, found.next()) {
        let shown = |file: &Path| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let both =
            format!("has two sources of `{name}`, {} and {}; keep one of them", shown(one), shown(&other));
        return Err(problem(folder, both));
    }
    Ok(first)
}

fn text(file: &Path) -> Result<String, BuildError> {
    fs::read_to_string(file).map_err(BuildError::io(file.display().to_string()))
}

fn problem(file: &Path, problem: impl Into<String>) -> BuildError {
    BuildError::Project { file: file.to_owned(), problem: problem.into() }
}

/// Where the project has its copy of an SDK that is plain source (`hookgate/FILE`), else this repository's, if the
/// project lies in it.
pub(crate) fn sdk_source(project: &Project, in_repository: &str, file: &str) -> Result<PathBuf, BuildError> {
    let own = project.folder.join("hookgate");
    let repository = project.folder.ancestors().map(|folder| folder.join("plugins-sdk").join(in_repository));
    std::iter::once(own).chain(repository).find(|folder| folder.join(file).is_file()).ok_or_else(|| {
        BuildError::missing(
            format!("`hookgate/{file}`, the SDK,"),
            format!("hookgate plugin new NAME --lang {in_repository}` in another folder, and copy its `hookgate` here"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, Result<Project, BuildError>) {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("a file");
        }
        let project = Project::of(folder.path());
        (folder, project)
    }

    #[test]
    fn the_language_is_seen_by_the_files() {
        for (files, name, language) in [
            (&[("Cargo.toml", "[package]\nname = \"a\"")][..], "a", Language::Rust),
            (
                &[("package.json", r#"{"name":"b","main":"x.ts","dependencies":{"@hookgate/plugin":"*"}}"#)],
                "b",
                Language::JavaScript,
            ),
            (
                &[("package.json", r#"{"name":"c","devDependencies":{"assemblyscript":"*"}}"#), ("c.ts", "")],
                "c",
                Language::AssemblyScript,
            ),
            (&[("go.mod", "module example.com/d\n\ngo 1.24")], "d", Language::Go),
            (&[("go.mod", "module example.com/d/v2\n")], "d", Language::Go),
            (
                &[(
                    "package.json",
                    r#"{"name":"@acme/j","main":"j.js","dependencies":{"@hookgate/plugin":"*"}}"#,
                )],
                "j",
                Language::JavaScript,
            ),
            (&[("e-f.toml", ""), ("e_f.py", ""), ("pyproject.toml", "")], "e-f", Language::Python),
            (&[("g.toml", ""), ("g.c", ""), ("test.c", "")], "g", Language::C),
            (&[("h.toml", ""), ("h.cpp", "")], "h", Language::Cpp),
            (&[("i.toml", ""), ("i.zig", "")], "i", Language::Zig),
        ] {
            let (_folder, found) = project(files);
            let found = found.expect(name);
            assert_eq!((found.name.as_str(), found.language), (name, language));
        }
    }

    #[test]
    fn what_is_no_project_is_said_in_one_sentence() {
        for (files, part) in [
            (&[][..], "no Cargo.toml (Rust)"),
            (&[("a.toml", "")], "no Cargo.toml (Rust)"),
            (&[("Cargo.toml", "[workspace]")], "has no package"),
            (&[("Cargo.toml", "[")], "is no TOML"),
            (&[("package.json", "{")], "is no JSON"),
            (&[("package.json", r#"{"name":"a"}"#)], "neither `@hookgate/plugin` nor"),
            (&[("package.json", r#"{"dependencies":{}}"#)], "has no `name`"),
            (
                &[("package.json", r#"{"name":"a","dependencies":{"@hookgate/plugin":"*"}}"#)],
                "names no `main` file",
            ),
            (&[("go.mod", "go 1.24")], "names no module"),
            (&[("a.toml", ""), ("a.c", ""), ("b.toml", ""), ("b.zig", "")], "several plugins, a and b"),
            (&[("a.toml", ""), ("a.c", ""), ("a.zig", "")], "two sources of `a`, a.c and a.zig"),
        ] {
            let error = project(files).1.expect_err(part).to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
