//! The Go project: a package main, its tests, the module's file.

use super::template::{Case, Parts, common};
use super::{Language, Project};

/// The language's entry in the list.
pub(super) const LANGUAGE: Language =
    Language { name: "go", check_name: |_| Ok(()), files, steps: &["go test ."] };

const NEEDS: &str = "It needs Go 1.24 or newer.";

fn files(project: &Project<'_>) -> Vec<(String, String)> {
    let name = project.name;
    let parts = Parts::of(project, include_str!("go/hooks.in"), Case::Pascal, Case::Camel);
    let replace = match &project.sdk {
        Some(path) => {
            format!("\nreplace github.com/hookgate/hookgate/plugins-sdk/go => {}\n", path.display())
        }
        None => String::new(),
    };
    let fill = |text: &str| {
        text.replace("{{hooks}}", parts.hooks.join("\n").trim_end())
            .replace("{{tests}}", parts.tests.join("\n").trim_end())
            .replace("{{name}}", name)
            .replace("{{replace}}\n", &replace)
    };
    let mut files = common(project, &["log"], LANGUAGE.steps, NEEDS);
    files.push(("main.go".to_owned(), fill(include_str!("go/main.in"))));
    files.push(("main_test.go".to_owned(), fill(include_str!("go/test.in"))));
    files.push(("go.mod".to_owned(), fill(include_str!("go/go.mod.in"))));
    files.push((".gitignore".to_owned(), "*.wasm\n".to_owned()));
    files
}
