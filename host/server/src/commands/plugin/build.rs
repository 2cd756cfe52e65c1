//! `hookgate plugin build`: from a project to a component, checked as the server would check it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use hookgate_plugin_build::Project;

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
    let built = hookgate_plugin_build::build(&project)?;
    // Beside the manifest, where every command here and the server look for it.
    let file = format!("{}.wasm", project.name);
    let file = if dir == Path::new(".") { PathBuf::from(file) } else { dir.join(file) };
    put(&file, &built.component)?;

    let inspection = load::runtime()?.block_on(Inspection::of(&file))?;
    let mut out = io::stdout().lock();
    row(&mut out, "built with", &built.with)?;
    inspection.write(&mut out)?;
    inspection.verdict()
}

/// Writes a file aside and renames it, so that a server that watches sees the whole of it.
fn put(file: &Path, bytes: &[u8]) -> Result<(), PluginError> {
    let aside = file.with_extension("wasm.incoming");
    fs::write(&aside, bytes)
        .and_then(|()| fs::rename(&aside, file))
        .map_err(|source| PluginError::Write { file: file.to_owned(), source })
}
