//! Zig, and the one tool that also has clang and a C library.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::component::{Ways, componentize};
use crate::project::sdk_source;
use crate::tool::{self, Scratch};
use crate::{BuildError, Built, Project, made};

/// What the SDK is written for: the language still changes with each release.
const VERSION: &str = "0.17";
/// The command that installs it, without root.
pub(crate) const INSTALL: &str = "python3 -m venv .venv && .venv/bin/pip install ziglang==0.17.1";

/// How zig is called.
#[derive(Debug)]
pub(crate) struct Zig {
    program: PathBuf,
    first: Vec<OsString>,
    pub(crate) version: String,
}

impl Zig {
    /// `zig` itself, or the Python package that it is in.
    pub(crate) fn find(folder: &Path) -> Option<Self> {
        let as_package = ["python", "python3"].iter().filter_map(|name| tool::find(folder, name));
        let mut candidates: Vec<(PathBuf, Vec<&str>)> =
            tool::find(folder, "zig").map(|zig| (zig, Vec::new())).into_iter().collect();
        candidates.extend(as_package.map(|python| (python, vec!["-m", "ziglang"])));
        candidates.into_iter().find_map(|(program, first)| {
            let asked: Vec<&str> = first.iter().copied().chain(["version"]).collect();
            let version = tool::ask(&program, &asked)?;
            let first = first.into_iter().map(OsString::from).collect();
            Some(Self { program, first, version })
        })
    }

    pub(crate) fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(folder).args(&self.first);
        command
    }
}

pub(crate) fn build(project: &Project) -> Result<Built, BuildError> {
    let found = Zig::find(&project.folder);
    let there = found.as_ref().map(|zig| zig.version.clone());
    let zig = found.filter(|zig| zig.version.starts_with(VERSION));
    let zig = zig.ok_or_else(|| BuildError::missing(format!("Zig {VERSION}"), INSTALL).instead_of(there))?;
    let sdk = sdk_source(project, "zig", "hookgate.zig")?.join("hookgate.zig");
    let scratch = Scratch::new()?;
    let module = scratch.file("core.wasm");
    let mut command = zig.command(&project.folder);
    command.args([
        "build-exe",
        "-target",
        "wasm32-freestanding",
        "-O",
        "ReleaseSmall",
        "-fno-entry",
        "-rdynamic",
    ]);
    command.args(["-fstrip", "--stack", "65536", "--dep", "hookgate"]);
    command.arg(argument("-Mroot=", &project.main)).arg(argument("-Mhookgate=", &sdk));
    tool::run(command.arg(argument("-femit-bin=", &module))).map_err(|error| error.said_by("zig"))?;
    let component = componentize(&made(&module)?, Ways::default())?;
    Ok(Built { component, with: format!("zig {}", zig.version), note: None })
}

fn argument(option: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(option);
    argument.push(path);
    argument
}
