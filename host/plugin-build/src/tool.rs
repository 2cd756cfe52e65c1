//! Finding programs and running them.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::BuildError;

/// A program by its name: of the project's virtual environment, else of the one that is active, else in `PATH`.
#[must_use]
pub fn find(project: &Path, name: &str) -> Option<PathBuf> {
    let active = env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    let environments =
        [Some(project.join(".venv")), active].into_iter().flatten().map(|folder| folder.join("bin"));
    let path = env::var_os("PATH").unwrap_or_default();
    environments.chain(env::split_paths(&path)).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// What a program prints when it is asked; nothing if it can't be asked.
#[must_use]
pub fn ask(program: &Path, arguments: &[&str]) -> Option<String> {
    let output =
        Command::new(program).args(arguments).stderr(Stdio::null()).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Runs a step of a build, whose messages all go to standard error: standard output is for the report.
///
/// # Errors
/// It can't be started, or says no.
pub fn run(command: &mut Command) -> Result<(), BuildError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let tool = Path::new(&program).file_name().map(|name| name.to_string_lossy().into_owned());
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(BuildError::io(format!("{program} can't be started")))?;
    if output.status.success() {
        return Ok(());
    }
    eprint!("{}", String::from_utf8_lossy(&output.stdout));
    Err(BuildError::DoesNotBuild { tool: tool.unwrap_or(program) })
}

/// A folder that goes when it is no longer needed.
#[derive(Debug)]
pub struct Scratch(TempDir);

impl Scratch {
    /// Makes one.
    ///
    /// # Errors
    /// The system's folder for such can't be written.
    pub fn new() -> Result<Self, BuildError> {
        TempDir::with_prefix("hookgate-build-").map(Self).map_err(BuildError::io("no folder for the build"))
    }

    /// A file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// `v20.19.2` is at least 20.
#[must_use]
pub fn major(version: &str) -> Option<u32> {
    version.trim_start_matches(|c: char| !c.is_ascii_digit()).split('.').next()?.parse().ok()
}
