//! The Go project: a package main, its tests, the module's file.

use super::template::{Case, Logs, Parts, common};
use super::{Language, Project, sdk};

/// The language's entry in the list.
pub(super) const LANGUAGE: Language =
    Language { name: "go", aliases: &["golang"], check_name: |_| Ok(()), files, steps: &["go test ."] };

const NEEDS: &str = "It needs Go 1.24 or newer.";

fn files(project: &Project<'_>) -> Vec<(String, String)> {
    let name = project.name;
    let parts = Parts::of(project, include_str!("go/hooks.in"), Case::Pascal, Case::Camel);
    let fill = |text: &str| {
        text.replace("{{hooks}}", parts.hooks.join("\n").trim_end())
            .replace("{{tests}}", parts.tests.join("\n").trim_end())
            .replace("{{name}}", name)
    };
    let mut files = common(project, Logs::InEvents, LANGUAGE.steps, NEEDS);
    files.push(("main.go".to_owned(), fill(include_str!("go/main.in"))));
    files.push(("main_test.go".to_owned(), fill(include_str!("go/test.in"))));
    files.push(("go.mod".to_owned(), fill(include_str!("go/go.mod.in"))));
    files.push((".gitignore".to_owned(), "*.wasm\n".to_owned()));
    files.extend(sdk::files(sdk::GO));
    files
}
