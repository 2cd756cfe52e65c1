//! AssemblyScript, by its compiler `asc`; the SDK's transform names the exports.

use std::path::Path;
use std::process::Command;

use crate::component::{Ways, componentize};
use crate::js::{node, package};
use crate::project::sdk_source;
use crate::tool::{self, Scratch};
use crate::{BuildError, Built, Project, made};

pub(crate) fn build(project: &Project) -> Result<Built, BuildError> {
    let (node, _) = node(&project.folder)?;
    let compiler = package(project, "assemblyscript")?.join("bin/asc.js");
    let sdk = sdk_source(project, "assemblyscript", "transform.mjs")?;
    let scratch = Scratch::new()?;
    let module = scratch.file("core.wasm");
    let mut command = Command::new(&node);
    command.current_dir(&project.folder).arg(&compiler).arg(&project.main).arg("-o").arg(&module);
    command.arg("--transform").arg(sdk.join("transform.mjs"));
    command.args(["-O3", "--shrinkLevel", "2", "--noAssert", "--runtime", "incremental"]);
    // The runtime's own `abort` is an import that nobody offers.
    tool::run(command.arg("--use").arg(format!("abort={}/abi/abort", relative(&project.folder, &sdk))))?;
    let version = tool::ask(&node, &[&compiler.display().to_string(), "--version"]).unwrap_or_default();
    let component = componentize(&made(&module)?, Ways { utf16: true, ..Ways::default() })?;
    Ok(Built {
        component,
        with: format!("AssemblyScript {}", version.trim_start_matches("Version ")),
        note: None,
    })
}

/// The way from a folder to another that lies in it or in one above it, as the compiler names its sources.
fn relative(from: &Path, to: &Path) -> String {
    let shared =
        from.ancestors().enumerate().find_map(|(ups, shared)| Some((ups, to.strip_prefix(shared).ok()?)));
    let (ups, rest) = shared.unwrap_or((0, to));
    let rest = rest.iter().map(|part| part.to_string_lossy().into_owned());
    std::iter::repeat_n("..".to_owned(), ups).chain(rest).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_goes_down_and_up() {
        assert_eq!(relative(Path::new("/a/b"), Path::new("/a/b/hookgate")), "hookgate");
        assert_eq!(relative(Path::new("/a/b/c"), Path::new("/a/sdk/as")), "../../sdk/as");
    }
}
