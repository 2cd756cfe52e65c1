//! The Python project: one class, a unit test, the requirements.

use super::template::{Case, Logs, Parts, common, imports, type_name};
use super::{Language, Project, sdk, taken};

/// The language's entry in the list.
pub(super) const LANGUAGE: Language = Language {
    name: "python",
    aliases: &["py"],
    check_name,
    files,
    steps: &[
        "python3 -m venv .venv",
        ".venv/bin/pip install -r requirements.txt",
        ".venv/bin/python -m unittest",
    ],
};

const NEEDS: &str = "It needs Python 3.10 or newer; everything else is installed into `.venv`.";

fn check_name(name: &str) -> Result<(), String> {
    // Keywords, and the modules that the file of that name would hide.
    let mut reserved = include_str!("python/reserved.txt").lines();
    let module = name.replace('-', "_");
    if reserved.any(|word| word == module) { Err(taken(name, "the name of a Python module")) } else { Ok(()) }
}

fn files(project: &Project<'_>) -> Vec<(String, String)> {
    let name = project.name;
    let module = name.replace('-', "_");
    let parts = Parts::of(project, include_str!("python/hooks.in"), Case::Snake, Case::Snake);
    let imports = imports(project, &["EventHooks", "User"], |kind| match kind {
        "allow-signin" => &["Denial"],
        "modify-jwt" => &["Claims"],
        "modify-session" => &["Session"],
        "event-with-passkey" => &["Passkey", "log"],
        _ => &["log"],
    });
    let fill = |text: &str| {
        text.replace("{{hooks}}", parts.hooks.join("\n").trim_end())
            .replace("{{tests}}", &parts.tests.join("\n"))
            .replace("{{imports}}", &imports)
            .replace("{{name}}", name)
            .replace("{{module}}", &module)
            .replace("{{type}}", &type_name(name))
    };
    let mut files = common(project, Logs::InEvents, LANGUAGE.steps, NEEDS);
    files.push((format!("{module}.py"), fill(include_str!("python/main.in"))));
    files.push((format!("test_{module}.py"), fill(include_str!("python/test.in"))));
    files.push(("requirements.txt".to_owned(), "-e ./hookgate\n".to_owned()));
    files.push((".gitignore".to_owned(), "/.venv/\n__pycache__/\n*.egg-info/\n*.wasm\n".to_owned()));
    files.extend(sdk::files(sdk::PYTHON));
    files
}
