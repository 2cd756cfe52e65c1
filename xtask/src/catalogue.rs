//! Which plugins there are, what each is made of, and where its prebuilt copy lies.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// What every plugin is made of besides its own files.
const SHARED: &[&str] = &[
    "wit",
    "plugins-sdk/rust/Cargo.toml",
    "plugins-sdk/rust/src",
    "plugins-sdk/rust/macros/Cargo.toml",
    "plugins-sdk/rust/macros/src",
];

/// A Cargo workspace of plugins. All paths are relative to the repository.
#[derive(Debug)]
pub struct Collection {
    /// Where the workspace is.
    pub folder: PathBuf,
    /// Its plugins by name.
    pub plugins: Vec<Plugin>,
}

/// One plugin. All paths are relative to the repository.
#[derive(Debug)]
pub struct Plugin {
    /// As in `NAME.wasm`.
    pub name: String,
    /// Files and folders that it is made of.
    pub sources: Vec<PathBuf>,
    /// The manifest that goes with it.
    pub manifest: Option<PathBuf>,
    /// What asks Cargo for it.
    pub cargo_arguments: Vec<String>,
    /// Where Cargo puts it, below `target/TRIPLE/release`.
    pub artifact: PathBuf,
}

impl Collection {
    /// Where its prebuilt copies lie.
    pub fn prebuilt(&self) -> PathBuf {
        self.folder.join("prebuilt")
    }
}

/// All collections.
///
/// # Errors
/// A folder cannot be read.
pub fn collections(root: &Path) -> Result<Vec<Collection>> {
    Ok(vec![examples(root)?, guests(root)?])
}

/// One crate per example, as an author would have it.
fn examples(root: &Path) -> Result<Collection> {
    let folder = PathBuf::from("example-plugins");
    let plugins = names(root, &folder.join("rust"), "")?
        .into_iter()
        .map(|name| {
            let own = folder.join("rust").join(&name);
            Plugin {
                sources: sources(&folder, &[own.join("Cargo.toml"), own.join("src")]),
                manifest: Some(own.join(format!("{name}.toml"))),
                cargo_arguments: vec!["--package".into(), name.clone()],
                artifact: PathBuf::from(file_name(&name)),
                name,
            }
        })
        .collect();
    Ok(Collection { folder, plugins })
}

/// One crate for all guests, and one file for each.
fn guests(root: &Path) -> Result<Collection> {
    let folder = PathBuf::from("tests/guests");
    let plugins = names(root, &folder.join("examples"), ".rs")?
        .into_iter()
        .map(|name| Plugin {
            sources: sources(
                &folder,
                &[folder.join("src"), folder.join("examples").join(format!("{name}.rs"))],
            ),
            manifest: None,
            cargo_arguments: vec!["--example".into(), name.clone()],
            artifact: Path::new("examples").join(file_name(&name)),
            name,
        })
        .collect();
    Ok(Collection { folder, plugins })
}

fn sources(workspace: &Path, own: &[PathBuf]) -> Vec<PathBuf> {
    let shared = SHARED.iter().map(PathBuf::from);
    let workspace = ["Cargo.toml", "Cargo.lock"].map(|file| workspace.join(file));
    shared.chain(workspace).chain(own.iter().cloned()).collect()
}

/// As rustc names the artifact of a crate.
fn file_name(name: &str) -> String {
    format!("{}.wasm", name.replace('-', "_"))
}

/// What a folder holds whose name ends like this, without the ending, sorted.
fn names(root: &Path, folder: &Path, ending: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in
        fs::read_dir(root.join(folder)).with_context(|| format!("{} cannot be read", folder.display()))?
    {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(name) = name.strip_suffix(ending) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}
