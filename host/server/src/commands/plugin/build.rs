//! `hookgate plugin build`: from a project to a component, checked as the server would check it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use clap::Args;
use hookgate_plugin_build::component;
use hookgate_plugin_build::rust::{self, Toolchain};
use serde_json::Value;

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
    if !dir.join("Cargo.toml").is_file() {
        return Err(PluginError::Usage(format!(
            "there is no project in `{}` that could be built: no Cargo.toml (Rust); \
             for other languages see the documentation of their SDK",
            dir.display()
        )));
    }
    let name = package_name(&dir.join("Cargo.toml"))?;
    let toolchain = rust::find(&[rust::UNKNOWN, rust::WASIP2])?;
    let module = compile(&toolchain, dir)?;
    let component = if component::is_component(&module) { module } else { component::encode(&module)? };
    // Beside the manifest, where every command here and the server look for it.
    let file = format!("{name}.wasm");
    let file = if dir == Path::new(".") { PathBuf::from(file) } else { dir.join(file) };
    put(&file, &component)?;

    let inspection = load::runtime()?.block_on(Inspection::of(&file))?;
    let mut out = io::stdout().lock();
    row(&mut out, "built with", format_args!("{} for {}", toolchain.version, toolchain.target))?;
    inspection.write(&mut out)?;
    inspection.verdict()
}

fn package_name(manifest: &Path) -> Result<String, PluginError> {
    let text = fs::read_to_string(manifest)
        .map_err(|source| PluginError::Read { file: manifest.to_owned(), source })?;
    let shown = manifest.display();
    let manifest: toml::Table = toml::from_str(&text)
        .map_err(|error| PluginError::Usage(format!("`{shown}`: {}", error.message())))?;
    let name = manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    name.map(str::to_owned)
        .ok_or_else(|| PluginError::Usage(format!("`{shown}` has no package; name the folder of one plugin")))
}

/// Runs Cargo, whose messages go to standard error, and reads what it made.
fn compile(toolchain: &Toolchain, dir: &Path) -> Result<Vec<u8>, PluginError> {
    let dir = dir.canonicalize()?;
    let output = toolchain
        .cargo_build(&dir, &dir)?
        .arg("--message-format=json-render-diagnostics")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| {
            PluginError::Usage(format!("{} can't be started: {error}", toolchain.cargo.display()))
        })?;
    if !output.status.success() {
        return Err(PluginError::Usage("the plugin does not build, see above".to_owned()));
    }
    let artifact = artifact(&output.stdout, &dir.join("Cargo.toml")).ok_or_else(|| {
        PluginError::Usage(
            "the project makes no library for other languages; add `crate-type = [\"cdylib\"]` to [lib] in \
             its Cargo.toml"
                .to_owned(),
        )
    })?;
    fs::read(&artifact).map_err(|source| PluginError::Read { file: artifact, source })
}

/// The WebAssembly file among what Cargo says that it has made of this package.
fn artifact(messages: &[u8], manifest: &Path) -> Option<PathBuf> {
    String::from_utf8_lossy(messages).lines().rev().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_ours = message["reason"] == "compiler-artifact"
            && message["manifest_path"].as_str().map(Path::new) == Some(manifest)
            && message["target"]["crate_types"].as_array()?.iter().any(|kind| kind == "cdylib");
        let files = message["filenames"].as_array().filter(|_| is_ours)?;
        files.iter().filter_map(Value::as_str).find(|file| file.ends_with(".wasm")).map(PathBuf::from)
    })
}

/// Writes a file aside and renames it, so that a server that watches sees the whole of it.
fn put(file: &Path, bytes: &[u8]) -> Result<(), PluginError> {
    let aside = file.with_extension("wasm.incoming");
    fs::write(&aside, bytes)
        .and_then(|()| fs::rename(&aside, file))
        .map_err(|source| PluginError::Write { file: file.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugins_own_file_is_found_among_cargos_messages() {
        let messages = r#"{"reason":"compiler-artifact","manifest_path":"/dep/Cargo.toml","target":{"crate_types":["cdylib"]},"filenames":["/t/dep.wasm"]}
{"reason":"compiler-artifact","manifest_path":"/p/Cargo.toml","target":{"crate_types":["cdylib"]},"filenames":["/t/p.d","/t/p.wasm"]}
not json
{"reason":"build-finished","success":true}"#;
        let found = |manifest: &str| artifact(messages.as_bytes(), Path::new(manifest));
        assert_eq!(found("/p/Cargo.toml"), Some(PathBuf::from("/t/p.wasm")));
        assert_eq!(found("/other/Cargo.toml"), None);
    }
}
