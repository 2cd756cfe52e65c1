//! The Rust project: one source file, unit tests, a case per hook.

use std::collections::BTreeSet;

use hookgate_core::hooks::Hook;

use super::template::{text_name, type_name};
use super::{Language, Project};

/// The language's entry in the list.
pub(super) const LANGUAGE: Language = Language { name: "rust", check_name, files, steps: &["cargo test"] };

const GIT: &str = "git = \"https://github.com/hookgate/hookgate\"";

/// What a hook's template has between the method and its test, and before its case.
const TEST: &str = "// TEST\n";
const CASE: &str = "// CASE\n";

fn check_name(name: &str) -> Result<(), String> {
    const RESERVED: [&str; 48] = [
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
        "final",
        "fn",
        "for",
        "gen",
        "hookgate-plugin",
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
        "pub",
        "ref",
        "return",
        "static",
        "std",
        "struct",
        "super",
        "test",
        "trait",
        "try",
        "type",
        "use",
        "where",
        "while",
    ];
    if RESERVED.contains(&name) {
        return Err(format!("`{name}` can't be the name of a Rust package; choose another one"));
    }
    Ok(())
}

fn files(project: &Project<'_>) -> Vec<(String, String)> {
    let Project { name, hooks, sdk } = project;
    let dependency = match sdk {
        // TOML's strings escape as Rust's do, as far as paths go.
        Some(path) => format!("path = {:?}", path.display().to_string()),
        None => GIT.to_owned(),
    };
    let quoted: Vec<String> = hooks.iter().map(|hook| format!("\"{hook}\"")).collect();
    let listed: Vec<String> = hooks.iter().map(|hook| format!("`{hook}`")).collect();
    let parts: Vec<Parts> = hooks.iter().map(|hook| Parts::of(*hook)).collect();
    let methods: Vec<&str> = parts.iter().map(|part| part.method.as_str()).collect();
    let tests: Vec<&str> = parts.iter().map(|part| part.test.as_str()).collect();

    let fill = |template: &str| {
        template
            .replace("{{methods}}", &methods.join("\n"))
            .replace("{{tests}}", &tests.join("\n"))
            .replace("{{imports}}", &imports(hooks))
            .replace("{{name}}", name)
            .replace("{{type}}", &type_name(name))
            .replace("{{dependency}}", &dependency)
            .replace("{{hooks}}", &quoted.join(", "))
            .replace("{{listed}}", &listed.join(", "))
            .replace("{{hook}}", hooks.first().map_or("", |hook| hook.name()))
    };
    let mut files = vec![
        ("Cargo.toml".to_owned(), fill(include_str!("rust/Cargo.toml.in"))),
        ("src/lib.rs".to_owned(), fill(include_str!("rust/lib.rs.in"))),
        (format!("{name}.toml"), fill(include_str!("rust/manifest.toml.in"))),
        ("README.md".to_owned(), fill(include_str!("rust/README.md.in"))),
        (".gitignore".to_owned(), "/target\n*.wasm\n".to_owned()),
    ];
    for (hook, part) in hooks.iter().zip(&parts) {
        files.push((format!("cases/{hook}.json"), part.case.clone()));
    }
    files
}

/// What a hook adds to the project.
struct Parts {
    method: String,
    test: String,
    case: String,
}

impl Parts {
    fn of(hook: Hook) -> Self {
        let template = match hook {
            Hook::AllowSignin => include_str!("rust/hooks/allow-signin.in"),
            Hook::ModifyJwt => include_str!("rust/hooks/modify-jwt.in"),
            Hook::ModifySession => include_str!("rust/hooks/modify-session.in"),
            Hook::OnSigninFailed | Hook::OnEmailChange | Hook::OnSessionRevoke => {
                include_str!("rust/hooks/event-with-text.in")
            }
            Hook::OnSignin | Hook::OnOauthLink => include_str!("rust/hooks/event-with-provider.in"),
            Hook::OnPasskeyRegistered | Hook::OnPasskeyDeleted => {
                include_str!("rust/hooks/event-with-passkey.in")
            }
            Hook::OnSignup
            | Hook::OnSignout
            | Hook::OnTokenRefresh
            | Hook::OnEmailVerify
            | Hook::OnPasswordReset
            | Hook::OnMagicLinkSent
            | Hook::OnLockout
            | Hook::OnPasswordChange
            | Hook::OnAccountDelete
            | Hook::OnRefreshReuse => include_str!("rust/hooks/event.in"),
        };
        let template = template
            .replace("{{event}}", hook.name())
            .replace("{{method}}", &hook.name().replace('-', "_"))
            .replace("{{text}}", text_name(hook));
        let (method, rest) = template.split_once(TEST).unwrap_or((&template, ""));
        let (test, case) = rest.split_once(CASE).unwrap_or((rest, ""));
        Self { method: method.to_owned(), test: test.to_owned(), case: case.to_owned() }
    }
}

/// What the hooks need of the SDK, in rustfmt's order.
fn imports(hooks: &[Hook]) -> String {
    let mut names = BTreeSet::from(["EventHooks", "User", "plugin"]);
    for hook in hooks {
        names.extend::<&[&str]>(match hook {
            Hook::AllowSignin => &["Decision", "Denial"],
            Hook::ModifyJwt => &["Claims"],
            Hook::ModifySession => &["Session"],
            Hook::OnPasskeyRegistered | Hook::OnPasskeyDeleted => &["Passkey", "log"],
            _ => &["log"],
        });
    }
    names.into_iter().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hook_has_all_its_parts_and_no_blank_is_left() {
        let hooks = Hook::ALL.to_vec();
        for hook in &hooks {
            let parts = Parts::of(*hook);
            assert!(parts.method.contains(&format!("fn {}(", hook.name().replace('-', "_"))), "{hook}");
            assert!(parts.test.contains("#[test]"), "{hook}");
            let case: serde_json::Value = serde_json::from_str(&parts.case).expect("JSON");
            assert_eq!(case["hook"], hook.name());
        }
        for (path, text) in files(&Project { name: "all-of-them", hooks, sdk: None }) {
            assert!(!text.contains("{{") && !text.contains("}}"), "{path}: {text}");
        }
    }
}
