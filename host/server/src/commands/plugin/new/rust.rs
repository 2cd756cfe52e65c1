//! The Rust project: one source file with its unit tests, and a copy of the SDK's crates.

use super::template::{Case, Logs, Parts, common, imports, type_name};
use super::{Language, Project, sdk, taken};

/// The language's entry in the list.
pub(super) const LANGUAGE: Language =
    Language { name: "rust", aliases: &["rs"], check_name, files, steps: &["cargo test"] };

const NEEDS: &str = "`hookgate plugin build` needs a Rust toolchain that can build for WebAssembly (`rustup target add \
                     wasm32-unknown-unknown`) and says so if there is none.";

fn check_name(name: &str) -> Result<(), String> {
    const RESERVED: &[&str] = &[
        "abstract",
        "alloc",
        "as",
        "async",
        "await",
        "become",
        "box",
        "break",
        "const",
        "continue",
        "core",
        "crate",
        "do",
        "dyn",
        "else",
        "enum",
        "extern",
        "false",
        "final",
        "fn",
        "for",
        "gen",
        "hookgate-plugin",
        "hookgate-plugin-macros",
        "if",
        "impl",
        "in",
        "let",
        "loop",
        "macro",
        "match",
        "mod",
        "move",
        "mut",
        "override",
        "priv",
        "proc-macro",
        "pub",
        "ref",
        "return",
        "self",
        "static",
        "std",
        "struct",
        "super",
        "test",
        "trait",
        "try",
        "true",
        "type",
        "typeof",
        "unsafe",
        "unsized",
        "use",
        "virtual",
        "where",
        "while",
        "yield",
    ];
    if RESERVED.contains(&name) {
        return Err(taken(name, "the name of a Rust package"));
    }
    Ok(())
}

fn files(project: &Project<'_>) -> Vec<(String, String)> {
    let name = project.name;
    let parts = Parts::of(project, include_str!("rust/hooks.in"), Case::Snake, Case::Snake);
    let imports = imports(project, &["EventHooks", "User", "plugin"], |kind| match kind {
        "allow-signin" => &["Decision", "Denial"],
        "modify-jwt" => &["Claims"],
        "modify-session" => &["Session"],
        "event-with-passkey" => &["Passkey", "log"],
        _ => &["log"],
    });
    let fill = |template: &str| {
        template
            .replace("{{methods}}", &parts.hooks.join("\n"))
            .replace("{{tests}}", &parts.tests.join("\n"))
            .replace("{{imports}}", &imports)
            .replace("{{name}}", name)
            .replace("{{type}}", &type_name(name))
    };
    // The SDK sends the text of a panic to the log.
    let mut files = common(project, Logs::Always, LANGUAGE.steps, NEEDS);
    files.push(("Cargo.toml".to_owned(), fill(include_str!("rust/Cargo.toml.in"))));
    files.push(("src/lib.rs".to_owned(), fill(include_str!("rust/lib.rs.in"))));
    files.push((".gitignore".to_owned(), "/target\n*.wasm\n".to_owned()));
    files.extend(sdk::files(sdk::RUST));
    for (file, text) in [
        ("Cargo.toml", include_str!("rust/sdk/Cargo.toml.in")),
        ("macros/Cargo.toml", include_str!("rust/sdk/macros.toml.in")),
    ] {
        files.push((format!("{}/{file}", sdk::FOLDER), text.to_owned()));
    }
    files
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use toml::{Table, Value};

    fn parsed(text: &str) -> Table {
        toml::from_str(text).expect("TOML")
    }

    /// What a manifest of the SDK says, with what it takes from the workspace written out.
    fn resolved(manifest: &str, workspace: &Table) -> Table {
        let shared = |table: &str, key: &str| workspace["workspace"][table][key].clone();
        let mut manifest = parsed(manifest);
        for (key, value) in manifest["package"].as_table_mut().expect("a table") {
            if value.get("workspace").is_some() {
                *value = shared("package", key);
            }
        }
        let by_target = manifest.get_mut("target").and_then(Value::as_table_mut);
        let mut tables: Vec<&mut Table> = Vec::new();
        for (_, target) in by_target.into_iter().flatten() {
            tables.extend(target["dependencies"].as_table_mut());
        }
        for table in tables {
            write_out(table, &shared);
        }
        write_out(manifest["dependencies"].as_table_mut().expect("a table"), &shared);
        let package = manifest["package"].as_table_mut().expect("a table");
        for key in ["readme", "categories", "include"] {
            package.remove(key);
        }
        manifest.remove("lints");
        manifest
    }

    fn write_out(dependencies: &mut Table, shared: &dyn Fn(&str, &str) -> Value) {
        for (name, value) in dependencies {
            if value.get("workspace").is_some() {
                *value = shared("dependencies", name);
            }
        }
    }

    #[test]
    fn the_copied_sdk_has_the_manifests_of_the_original() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let read = |file: &str| std::fs::read_to_string(root.join(file)).expect(file);
        let workspace = parsed(&read("Cargo.toml"));
        for (original, copy) in [
            ("plugins-sdk/rust/Cargo.toml", include_str!("rust/sdk/Cargo.toml.in")),
            ("plugins-sdk/rust/macros/Cargo.toml", include_str!("rust/sdk/macros.toml.in")),
        ] {
            assert_eq!(parsed(copy), resolved(&read(original), &workspace), "{original}");
        }
    }
}
