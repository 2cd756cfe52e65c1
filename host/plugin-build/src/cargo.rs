//! Rust: one plugin with Cargo, by the tool chain that [`crate::rust`] finds.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::rust::{self, Toolchain};
use crate::{BuildError, Built, Project, component, made};

pub(crate) fn build(project: &Project) -> Result<Built, BuildError> {
    let toolchain = rust::find(&[rust::UNKNOWN, rust::WASIP2])?;
    let module = compile(&toolchain, project)?;
    let component = if component::is_component(&module) { module } else { component::encode(&module)? };
    Ok(Built { component, with: format!("{} for {}", toolchain.version, toolchain.target), note: None })
}

/// Runs Cargo, whose messages go to standard error, and reads what it made.
fn compile(toolchain: &Toolchain, project: &Project) -> Result<Vec<u8>, BuildError> {
    let folder = &project.folder;
    let started = |what: &str| BuildError::io(format!("{} {what}", toolchain.cargo.display()));
    let output = toolchain
        .cargo_build(folder, folder)
        .map_err(started("has no folder"))?
        .arg("--message-format=json-render-diagnostics")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(started("can't be started"))?;
    if !output.status.success() {
        return Err(BuildError::DoesNotBuild { tool: "cargo".to_owned() });
    }
    let artifact = artifact(&output.stdout, &project.main).ok_or_else(|| BuildError::Project {
        file: project.main.clone(),
        problem: "makes no library for other languages; add `crate-type = [\"cdylib\"]` to its [lib]"
            .to_owned(),
    })?;
    made(&artifact)
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
