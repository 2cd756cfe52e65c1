//! Whether a prebuilt plugin is what its source says. Fast, and without any toolchain: digests of the
//! sources lie beside the plugins.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::catalogue::{self, Collection, Plugin};

/// Beside the plugins. JSON, since a `.toml` there would be a manifest.
pub const RECORD: &str = "SOURCES.json";

/// What to do when something is stale.
const REMEDY: &str = "run `cargo xtask plugins`";

/// What a folder of prebuilt plugins was made of.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// One entry per plugin.
    pub plugins: BTreeMap<String, Entry>,
}

/// What one prebuilt plugin was made of, and with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The digest of its sources, see [`digest_sources`].
    pub sources: String,
    /// SHA-256 of `NAME.wasm`.
    pub wasm: String,
    /// The compiler.
    pub rustc: String,
}

impl Record {
    /// Reads the record of a folder; an empty one if there is none.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn load(folder: &Path) -> Result<Self> {
        let path = folder.join(RECORD);
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is no record of sources", path.display()))
    }

    /// Writes it into a folder.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn store(&self, folder: &Path) -> Result<()> {
        let path = folder.join(RECORD);
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
    }
}

/// One sentence for each prebuilt plugin that is not what its source says, and for what else is wrong.
/// Empty: all are fresh.
pub fn stale(root: &Path) -> Vec<String> {
    let collections = match catalogue::collections(root) {
        Ok(collections) => collections,
        Err(error) => return vec![format!("{error:#}")],
    };
    collections.iter().flat_map(|collection| stale_in(root, collection)).collect()
}

fn stale_in(root: &Path, collection: &Collection) -> Vec<String> {
    let folder = collection.prebuilt();
    let record = match Record::load(&root.join(&folder)) {
        Ok(record) => record,
        Err(error) => return vec![format!("{error:#}: {REMEDY}")],
    };

    let mut sentences = Vec::new();
    for plugin in &collection.plugins {
        let path = folder.join(&plugin.name);
        match check(root, plugin, &path, record.plugins.get(&plugin.name)) {
            Ok(None) => {}
            Ok(Some(what)) => sentences.push(format!("{}.wasm {what}: {REMEDY}", path.display())),
            Err(error) => sentences.push(format!("{}.wasm: {error:#}", path.display())),
        }
    }
    for name in record.plugins.keys() {
        if !collection.plugins.iter().any(|plugin| plugin.name == *name) {
            sentences.push(format!("{}.wasm has no source any more: {REMEDY}", folder.join(name).display()));
        }
    }
    sentences
}

/// What is wrong with a plugin, if anything.
fn check(root: &Path, plugin: &Plugin, path: &Path, entry: Option<&Entry>) -> Result<Option<&'static str>> {
    let wasm = root.join(path).with_extension("wasm");
    let Some(entry) = entry.filter(|_| wasm.exists()) else { return Ok(Some("was never built")) };
    if entry.sources != digest_sources(root, &plugin.sources)? {
        return Ok(Some("is older than its source"));
    }
    if entry.wasm != digest(&fs::read(&wasm)?) {
        return Ok(Some("is not what was built from its source"));
    }
    if let Some(manifest) = &plugin.manifest {
        let copy = root.join(path).with_extension("toml");
        if fs::read(root.join(manifest))? != fs::read(copy).unwrap_or_default() {
            return Ok(Some("has another manifest than its source"));
        }
    }
    Ok(None)
}

/// A digest of files and all files below folders: their paths and their contents.
///
/// # Errors
/// One cannot be read.
pub fn digest_sources(root: &Path, sources: &[PathBuf]) -> Result<String> {
    let mut files = Vec::new();
    for source in sources {
        collect(root, source, &mut files)?;
    }
    files.sort();

    let mut hasher = Sha256::new();
    for file in files {
        let content = fs::read(root.join(&file))?;
        // Paths with `/` on every system, and lengths so that no two lists of files look alike.
        let path =
            file.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        hasher.update((path.len() as u64).to_le_bytes());
        hasher.update(path);
        hasher.update((content.len() as u64).to_le_bytes());
        hasher.update(content);
    }
    Ok(hex(&hasher.finalize()))
}

/// The SHA-256 of some bytes, as text.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn collect(root: &Path, path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let full = root.join(path);
    if full.is_dir() {
        for entry in fs::read_dir(&full)? {
            collect(root, &path.join(entry?.file_name()), files)?;
        }
    } else if full.is_file() {
        files.push(path.to_path_buf());
    } else {
        anyhow::bail!("its source {} is missing", path.display());
    }
    Ok(())
}
