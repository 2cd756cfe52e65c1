//! `hookgate plugin build`: from a project to a component, checked as the server would check it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use hookgate_hooks::{Manifest, ManifestError, Refusal, check_names};
use hookgate_plugin_build::component::EncodeError;
use hookgate_plugin_build::{BuildError, Project};

use super::inspect::Inspection;
use super::text::row;
use super::{PluginError, load};

/// What `plugin build` takes.
#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    /// The folder of the project
    #[arg(default_value = ".")]
    dir: PathBuf,
}

/// Builds, checks, reports.
pub(super) fn build(args: &BuildArgs) -> Result<ExitCode, PluginError> {
    let dir = &args.dir;
    let project = Project::of(dir)?;
    // Beside the manifest, where every command here and the server look for it.
    let file = format!("{}.wasm", project.name);
    let file = if dir == Path::new(".") { PathBuf::from(file) } else { dir.join(file) };
    check_manifest(&file)?;
    let built = hookgate_plugin_build::build(&project).map_err(|error| refused(&file, error))?;
    put(&file, &built.component)?;

    let inspection = load::runtime()?.block_on(Inspection::of(&file))?;
    let mut out = io::stdout().lock();
    row(&mut out, "built with", &built.with)?;
    if let Some(note) = &built.note {
        row(&mut out, "note", note)?;
    }
    inspection.write(&mut out)?;
    inspection.verdict()
}

/// What is wrong with the manifest is better said before a build that takes a while.
fn check_manifest(file: &Path) -> Result<(), PluginError> {
    // Without one defaults apply; and what can't be read is refused in the loader's words.
    let Ok(manifest) = fs::read_to_string(file.with_extension("toml")) else { return Ok(()) };
    let refused =
        |error: ManifestError| PluginError::Refused { file: file.to_owned(), refusal: error.into() };
    Manifest::parse(&manifest).map(drop).map_err(refused)
}

/// A module that can't become a component is refused in the words that a component like it would hear.
fn refused(file: &Path, error: BuildError) -> PluginError {
    let BuildError::Encode(EncodeError { problem, names }) = error else { return error.into() };
    let refusal = match check_names(&names.exports, &names.imports) {
        Err(refusal) => refusal,
        Ok(()) => Refusal::NoComponent(problem),
    };
    PluginError::Refused { file: file.to_owned(), refusal }
}

/// Writes a file aside and renames it, so that a server that watches sees the whole of it.
fn put(file: &Path, bytes: &[u8]) -> Result<(), PluginError> {
    let aside = file.with_extension("wasm.incoming");
    fs::write(&aside, bytes)
        .and_then(|()| fs::rename(&aside, file))
        .map_err(|source| PluginError::Write { file: file.to_owned(), source })
}
