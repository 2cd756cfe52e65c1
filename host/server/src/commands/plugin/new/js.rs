//! The JavaScript and the TypeScript project: one source file, tests for `node --test`.

use super::template::{Case, Logs, Parts, common, imports};
use super::{Language, Project, sdk, taken};

/// The languages' entries in the list.
pub(super) const JAVASCRIPT: Language = Language {
    name: "js",
    aliases: &["javascript", "node"],
    check_name,
    files: javascript,
    steps: &["npm install", "npm test"],
};
pub(super) const TYPESCRIPT: Language = Language {
    name: "ts",
    aliases: &["typescript"],
    check_name,
    files: typescript,
    steps: &["npm install", "npm test"],
};

const NEEDS: &str = "It needs Node 20 or newer; everything else comes by `npm install`.";

pub(super) fn check_name(name: &str) -> Result<(), String> {
    match name {
        "test" => Err(taken(name, "the name of the project's test")),
        // npm installs nothing into a package of the same name.
        "assemblyscript" | "componentize-qjs" | "esbuild" | "typescript" => {
            Err(taken(name, "the name of a package that the project needs"))
        }
        _ => Ok(()),
    }
}

fn javascript(project: &Project<'_>) -> Vec<(String, String)> {
    let parts = Parts::of(project, include_str!("js/hooks.in"), Case::Camel, Case::Camel);
    let imports = imports(project, &["defineHooks"], |kind| match kind {
        "allow-signin" => &["Denial"],
        "modify-jwt" | "modify-session" => &[],
        _ => &["log"],
    });
    let mut files = files(project, &parts, &imports, "js");
    files.push(("package.json".to_owned(), package(project, include_str!("js/package.json.in"))));
    files
}

fn typescript(project: &Project<'_>) -> Vec<(String, String)> {
    let parts = Parts::of(project, include_str!("ts/hooks.in"), Case::Camel, Case::Camel);
    let imports = imports(project, &["defineHooks", "type User"], |kind| match kind {
        "allow-signin" => &["Denial"],
        "modify-jwt" => &["type Claims"],
        "modify-session" => &["type Session"],
        "event-with-passkey" => &["log", "type Passkey"],
        _ => &["log"],
    });
    let mut files = files(project, &parts, &imports, "ts");
    files.push(("package.json".to_owned(), package(project, include_str!("ts/package.json.in"))));
    files.push(("tsconfig.json".to_owned(), include_str!("ts/tsconfig.json.in").to_owned()));
    files
}

fn files(project: &Project<'_>, parts: &Parts, imports: &str, ending: &str) -> Vec<(String, String)> {
    let name = project.name;
    let is_typed = ending == "ts";
    let main = include_str!("js/main.in");
    let main = main.replace("{{name}}", name).replace("{{imports}}", imports);
    let main = main.replace("{{hooks}}", &parts.hooks.join("\n"));
    let test = if is_typed { include_str!("ts/test.in") } else { include_str!("js/test.in") };
    let test = test.replace("{{name}}", name).replace("{{tests}}", parts.tests.join("\n").trim_end());
    let test_file = if is_typed { "test.ts" } else { "test.js" };
    let mut files = common(project, Logs::InEvents, JAVASCRIPT.steps, NEEDS);
    files.push((format!("{name}.{ending}"), main));
    files.push((test_file.to_owned(), test));
    files.push((".gitignore".to_owned(), "/build/\nnode_modules/\n*.wasm\n".to_owned()));
    files.extend(sdk::files(sdk::JAVASCRIPT));
    files
}

fn package(project: &Project<'_>, template: &str) -> String {
    template.replace("{{name}}", project.name)
}
