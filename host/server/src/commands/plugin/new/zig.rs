//! The Zig project: one source file with its tests, and a copy of the SDK, which is plain source.

use super::template::{Case, Logs, Parts, common};
use super::{Language, Project, sdk};

/// The language's entry in the list.
pub(super) const LANGUAGE: Language = Language {
    name: "zig",
    aliases: &[],
    check_name: |_| Ok(()),
    files,
    steps: &[
        "python3 -m venv .venv",
        ".venv/bin/pip install ziglang==0.17.1",
        ".venv/bin/python -m ziglang test --dep hookgate -Mroot={{name}}.zig -Mhookgate=hookgate/hookgate.zig",
    ],
};

const NEEDS: &str = "It needs Zig 0.17, here installed into `.venv`. The SDK is the folder `hookgate`: replace it by a newer \
                     one when you like.";

fn files(project: &Project<'_>) -> Vec<(String, String)> {
    let name = project.name;
    let parts = Parts::of(project, include_str!("zig/hooks.in"), Case::Snake, Case::Snake);
    let main = include_str!("zig/main.in")
        .replace("{{hooks}}", &parts.hooks.join("\n"))
        .replace("{{tests}}", parts.tests.join("\n").trim_end())
        .replace("{{name}}", name);
    let mut files = common(project, Logs::InEvents, LANGUAGE.steps, NEEDS);
    files.push((format!("{name}.zig"), main));
    files.push((".gitignore".to_owned(), "/.venv/\n/.zig-cache/\n*.wasm\n".to_owned()));
    files.extend(sdk::files(sdk::ZIG));
    files
}
