//! Builds plugins with Cargo, makes components of them and refreshes the prebuilt copies.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use hookgate_plugin_build::component::encode;
use hookgate_plugin_build::rust::{self, Toolchain, cargo_home};

use crate::catalogue::{self, Collection, Plugin};
use crate::component;
use crate::prebuilt::{Entry, Record, digest, digest_sources};

/// Builds the named plugins, or all.
///
/// # Errors
/// There is no toolchain, no such plugin, or one does not build.
pub fn plugins(root: &Path, names: &[&str]) -> Result<()> {
    copy_wit(root)?;
    let toolchain = rust::find(&[rust::UNKNOWN])?;
    let collections = catalogue::collections(root)?;
    for name in names {
        let is_there = collections.iter().flat_map(|c| &c.plugins).any(|plugin| plugin.name == *name);
        ensure!(is_there, "there is no plugin `{name}`");
    }
    for collection in &collections {
        let wanted: Vec<&Plugin> = collection
            .plugins
            .iter()
            .filter(|plugin| names.is_empty() || names.contains(&plugin.name.as_str()))
            .collect();
        if !wanted.is_empty() {
            compile(root, &toolchain, collection, &wanted)?;
            refresh(root, &toolchain, collection, &wanted, names.is_empty())?;
        }
    }
    Ok(())
}

/// The SDK is a crate of its own and carries the contract with it.
fn copy_wit(root: &Path) -> Result<()> {
    let (from, to) = (root.join("wit"), root.join("plugins-sdk/rust/wit"));
    for entry in fs::read_dir(&from)? {
        let entry = entry?;
        let text = fs::read(entry.path())?;
        let copy = to.join(entry.file_name());
        if fs::read(&copy).ok().as_ref() != Some(&text) {
            fs::write(&copy, text).with_context(|| format!("{} cannot be written", copy.display()))?;
        }
    }
    Ok(())
}

fn compile(root: &Path, toolchain: &Toolchain, collection: &Collection, wanted: &[&Plugin]) -> Result<()> {
    let mut cargo = toolchain.cargo_build(&root.join(&collection.folder), root)?;
    cargo
        .arg("--locked")
        .args(wanted.iter().flat_map(|plugin| &plugin.cargo_arguments))
        // One folder for all, so that the standard library is built once.
        .env("CARGO_TARGET_DIR", root.join("target/plugins"));
    let status =
        cargo.status().with_context(|| format!("{} cannot be started", toolchain.cargo.display()))?;
    ensure!(status.success(), "the plugins of {} do not build, see above", collection.folder.display());
    Ok(())
}

fn refresh(
    root: &Path,
    toolchain: &Toolchain,
    collection: &Collection,
    wanted: &[&Plugin],
    all: bool,
) -> Result<()> {
    let folder = root.join(collection.prebuilt());
    fs::create_dir_all(&folder)?;
    let mut record = Record::load(&folder)?;
    for plugin in wanted {
        let wasm = finish(root, toolchain, plugin).with_context(|| format!("plugin `{}`", plugin.name))?;
        let path = folder.join(&plugin.name);
        fs::write(path.with_extension("wasm"), &wasm)?;
        if let Some(manifest) = &plugin.manifest {
            fs::copy(root.join(manifest), path.with_extension("toml"))?;
        }
        println!("{:>7} bytes  {}/{}.wasm", wasm.len(), collection.prebuilt().display(), plugin.name);
        let entry = Entry {
            sources: digest_sources(root, &plugin.sources)?,
            wasm: digest(&wasm),
            rustc: toolchain.version.clone(),
        };
        record.plugins.insert(plugin.name.clone(), entry);
    }
    if all {
        drop_orphans(&folder, &mut record, wanted)?;
    }
    record.store(&folder)
}

/// The component, checked against what the plugin's manifest says of it.
fn finish(root: &Path, toolchain: &Toolchain, plugin: &Plugin) -> Result<Vec<u8>> {
    let artifact = root.join("target/plugins").join(toolchain.target).join("release").join(&plugin.artifact);
    let module = fs::read(&artifact).with_context(|| format!("{} cannot be read", artifact.display()))?;
    let wasm = encode(&module)?;

    let surface = component::inspect(&wasm)?;
    ensure!(!surface.hooks.is_empty(), "it implements no hook: is `#[plugin]` missing?");
    if let Some(manifest) = &plugin.manifest {
        let text = fs::read_to_string(root.join(manifest))?;
        let manifest: Manifest = toml::from_str(&text).context("its manifest")?;
        ensure!(
            manifest.hooks == surface.hooks,
            "its manifest says {:?}, it has {:?}",
            manifest.hooks,
            surface.hooks
        );
        ensure!(
            manifest.grants == surface.imports,
            "its manifest grants {:?}, it imports {:?}",
            manifest.grants,
            surface.imports
        );
    }
    for private in [root.to_path_buf(), cargo_home()?] {
        let private = private.to_string_lossy().into_owned();
        if wasm.windows(private.len()).any(|window| window == private.as_bytes()) {
            bail!("it holds the path {private} of this machine");
        }
    }
    Ok(wasm)
}

/// What is checked of a manifest.
#[derive(serde::Deserialize)]
struct Manifest {
    hooks: BTreeSet<String>,
    grants: BTreeSet<String>,
}

/// Removes copies whose source is gone.
fn drop_orphans(folder: &Path, record: &mut Record, plugins: &[&Plugin]) -> Result<()> {
    let orphans: Vec<String> = record
        .plugins
        .keys()
        .filter(|name| !plugins.iter().any(|plugin| plugin.name == **name))
        .cloned()
        .collect();
    for name in orphans {
        for extension in ["wasm", "toml"] {
            let copy = folder.join(&name).with_extension(extension);
            if copy.exists() {
                fs::remove_file(&copy)?;
            }
        }
        record.plugins.remove(&name);
    }
    Ok(())
}
