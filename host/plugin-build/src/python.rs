//! Python, by the package `hookgate-plugin`.

use std::process::Command;

use crate::link::linked;
use crate::tool::{self, Scratch};
use crate::{BuildError, Built, Project, made};

pub(crate) fn build(project: &Project) -> Result<Built, BuildError> {
    let python = tool::find(&project.folder, "python").or_else(|| tool::find(&project.folder, "python3"));
    let python = python
        .ok_or_else(|| BuildError::missing("Python 3.10 or newer", "apt install python3 python3-venv"))?;
    let script = "import hookgate_plugin, sys; print(sys.version.split()[0])";
    let version = tool::ask(&python, &["-c", script]).ok_or_else(|| {
        let wanted = if project.folder.join("requirements.txt").is_file() {
            "-r requirements.txt"
        } else {
            "hookgate-plugin"
        };
        BuildError::missing(
            "the Python package `hookgate-plugin`",
            format!("python3 -m venv .venv && .venv/bin/pip install {wanted}"),
        )
    })?;
    let scratch = Scratch::new()?;
    let output = scratch.file("plugin.wasm");
    let mut command = Command::new(&python);
    tool::run(
        command
            .current_dir(&project.folder)
            .args(["-m", "hookgate_plugin", "build"])
            .arg(&project.main)
            .arg("-o")
            .arg(&output),
    )?;
    let (component, note) = linked(made(&output)?);
    Ok(Built { component, with: format!("componentize-py on Python {version}"), note })
}
