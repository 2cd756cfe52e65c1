//! The AssemblyScript project: one source file, and a copy of the SDK, which is plain source.

use super::template::{Case, Logs, Parts, common, imports};
use super::{Language, Project, js, sdk};

/// The language's entry in the list.
pub(super) const LANGUAGE: Language = Language {
    name: "assemblyscript",
    aliases: &["as"],
    check_name: js::check_name,
    files,
    steps: &["npm install"],
};

const NEEDS: &str = "It needs Node 20 or newer; the compiler comes by `npm install`. The SDK is the folder `hookgate`: replace \
                     it by a newer one when you like.";

fn files(project: &Project<'_>) -> Vec<(String, String)> {
    let name = project.name;
    let parts = Parts::of(project, include_str!("assemblyscript/hooks.in"), Case::Camel, Case::Camel);
    let imports = imports(project, &["User"], |kind| match kind {
        "allow-signin" => &["Decision"],
        "modify-jwt" | "modify-session" => &["JsonObject"],
        "event-with-passkey" => &["Field", "Passkey", "log"],
        _ => &["Field", "log"],
    });
    let main = include_str!("assemblyscript/main.in")
        .replace("{{imports}}", &imports)
        .replace("{{hooks}}", parts.hooks.join("\n").trim_end())
        .replace("{{name}}", name);
    let mut files = common(project, Logs::InEvents, LANGUAGE.steps, NEEDS);
    files.push((format!("{name}.ts"), main));
    let package = include_str!("assemblyscript/package.json.in").replace("{{name}}", name);
    files.push(("package.json".to_owned(), package));
    files.push((".gitignore".to_owned(), "node_modules/\n*.wasm\n".to_owned()));
    files.extend(sdk::files(sdk::ASSEMBLYSCRIPT));
    files
}
