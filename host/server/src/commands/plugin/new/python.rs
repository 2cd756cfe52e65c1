//! The Python project: one class, a unit test, the requirements.

use super::template::{Case, Parts, common, imports, type_name};
use super::{Language, Project};

/// The language's entry in the list.
pub(super) const LANGUAGE: Language = Language {
    name: "python",
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
    const RESERVED: [&str; 24] = [
        "and", "as", "assert", "async", "await", "class", "def", "del", "except", "finally", "for", "from",
        "http", "if", "import", "is", "json", "lambda", "random", "return", "secrets", "test", "try",
        "while",
    ];
    if RESERVED.contains(&name) {
        return Err(format!("`{name}` can't be the name of a Python module here; choose another one"));
    }
    Ok(())
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
    let requirement = match &project.sdk {
        Some(path) => format!("-e {}\n", path.display()),
        None => "hookgate-plugin==0.1.0\n".to_owned(),
    };
    let mut files = common(project, &["log"], LANGUAGE.steps, NEEDS);
    files.push((format!("{module}.py"), fill(include_str!("python/main.in"))));
    files.push((format!("test_{module}.py"), fill(include_str!("python/test.in"))));
    files.push(("requirements.txt".to_owned(), requirement));
    files.push((".gitignore".to_owned(), "/.venv/\n__pycache__/\n*.wasm\n".to_owned()));
    files
}
