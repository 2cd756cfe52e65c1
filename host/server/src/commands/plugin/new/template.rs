//! Filling templates: a language has one file with a section per kind of hook, and a few files around it.

use hookgate_core::hooks::{Hook, HookKind, Shape};

use super::Project;

const SECTION: &str = "=== ";
const NEXT_SECTION: &str = "\n=== ";
const TEST: &str = "--- test\n";

/// What hooks with the same parameters have in common: the names of the sections.
pub(super) fn kind(hook: Hook) -> &'static str {
    match Shape::of(hook) {
        Shape::Gate | Shape::Mutation => hook.name(),
        Shape::Event => "event",
        Shape::TextEvent => "event-with-text",
        Shape::PasskeyEvent => "event-with-passkey",
    }
}

/// What the text of an event is, as a field of the log.
pub(super) const fn text_name(hook: Hook) -> &'static str {
    match hook {
        Hook::OnSigninFailed => "reason",
        Hook::OnEmailChange => "previous",
        Hook::OnSessionRevoke => "session_id",
        _ => "provider",
    }
}

/// How a language writes names of several words.
#[derive(Clone, Copy)]
pub(super) enum Case {
    Snake,
    Camel,
    Pascal,
}

impl Case {
    /// `on-signup` as this language has it.
    pub(super) fn of(self, name: &str) -> String {
        let name = name.replace('-', "_");
        if matches!(self, Self::Snake) {
            return name;
        }
        let mut result = String::new();
        for (at, word) in name.split('_').enumerate() {
            let mut letters = word.chars();
            let first = letters.next();
            let is_small = at == 0 && matches!(self, Self::Camel);
            result.extend(first.map(|c| if is_small { c } else { c.to_ascii_uppercase() }));
            result.extend(letters);
        }
        result
    }
}

/// The parts of a project's main file and of its tests.
pub(super) struct Parts {
    pub(super) hooks: Vec<String>,
    pub(super) tests: Vec<String>,
}

impl Parts {
    /// A section for each hook of the project. `methods` is how hooks are called, `texts` how parameters are.
    pub(super) fn of(project: &Project<'_>, sections: &str, methods: Case, texts: Case) -> Self {
        let filled = |hook: &Hook| {
            let section = section(sections, kind(*hook));
            let (method, text) = (methods.of(hook.name()), texts.of(text_name(*hook)));
            let section = section
                .replace("{{event}}", hook.name())
                .replace("{{method}}", &method)
                .replace("{{macro}}", &hook.name().replace('-', "_").to_uppercase())
                .replace("{{text}}", &text)
                .replace("{{field}}", text_name(*hook));
            let (hook, test) = section.split_once(TEST).unwrap_or((&section, ""));
            (format!("{}\n", hook.trim_end()), format!("{}\n", test.trim_end()))
        };
        let (hooks, tests) = project.hooks.iter().map(filled).unzip();
        Self { hooks, tests }
    }
}

/// The lines under the heading `=== NAME`, to the next heading.
fn section<'a>(sections: &'a str, name: &str) -> &'a str {
    let is_named = |section: &&str| section.lines().next() == Some(name);
    let named =
        sections.strip_prefix(SECTION).into_iter().flat_map(|all| all.split(NEXT_SECTION)).find(is_named);
    named.and_then(|section| section.split_once('\n')).map_or("", |(_, lines)| lines)
}

/// The names that hooks of these kinds need, sorted and each once.
pub(super) fn imports(
    project: &Project<'_>,
    always: &[&str],
    of_kind: fn(&str) -> &'static [&'static str],
) -> String {
    let mut names: Vec<&str> = always.to_vec();
    names.extend(project.hooks.iter().flat_map(|hook| of_kind(kind(*hook))));
    names.sort_by_key(|name| (name.to_lowercase(), *name));
    names.dedup();
    names.join(", ")
}

/// When a plugin imports `log`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Logs {
    Always,
    /// The templates of events write a line.
    InEvents,
}

/// The files that a project of any language has: the manifest, a case for each hook, the README.
pub(super) fn common(
    project: &Project<'_>,
    logs: Logs,
    unit_tests: &[&str],
    needs: &str,
) -> Vec<(String, String)> {
    let Project { name, hooks, .. } = project;
    let quoted = |names: &mut dyn Iterator<Item = &str>| {
        names.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
    };
    let listed: Vec<String> = hooks.iter().map(|hook| format!("`{hook}`")).collect();
    let logs = logs == Logs::Always || hooks.iter().any(|hook| hook.kind() == HookKind::Event);
    let grants: &[&str] = if logs { &["log"] } else { &[] };
    let manifest = include_str!("manifest.toml.in")
        .replace("{{name}}", name)
        .replace("{{hooks}}", &quoted(&mut hooks.iter().map(|hook| hook.name())))
        .replace("{{grants}}", &quoted(&mut grants.iter().copied()));
    let unit_tests: Vec<String> = unit_tests.iter().map(|command| format!("{command}\n")).collect();
    let readme = include_str!("README.md.in")
        .replace("{{unit_tests}}", &unit_tests.concat().replace("{{name}}", name))
        .replace("{{name}}", name)
        .replace("{{listed}}", &listed.join(", "))
        .replace("{{needs}}", needs)
        .replace("{{hook}}", hooks.first().map_or("", |hook| hook.name()));
    let mut files = vec![(format!("{name}.toml"), manifest), ("README.md".to_owned(), readme)];
    for hook in hooks {
        let case = match (kind(*hook), text_name(*hook)) {
            ("allow-signin", _) => include_str!("cases/allow-signin.json"),
            ("modify-jwt", _) => include_str!("cases/modify-jwt.json"),
            ("modify-session", _) => include_str!("cases/modify-session.json"),
            ("event-with-passkey", _) => include_str!("cases/event-with-passkey.json"),
            ("event-with-text", "provider") => include_str!("cases/event-with-provider.json"),
            ("event-with-text", _) => include_str!("cases/event-with-text.json"),
            _ => include_str!("cases/event.json"),
        };
        let case = case.replace("{{event}}", hook.name()).replace("{{field}}", text_name(*hook));
        files.push((format!("cases/{hook}.json"), case));
    }
    files
}

/// `plan-and-roles` is `PlanAndRoles`; what the SDK has itself gets a word more.
pub(super) fn type_name(name: &str) -> String {
    let type_name = Case::Pascal.of(name);
    let taken = [
        "Box",
        "Claims",
        "Decision",
        "Denial",
        "Err",
        "EventHooks",
        "False",
        "None",
        "Ok",
        "Option",
        "Passkey",
        "Result",
        "Self",
        "Session",
        "Some",
        "String",
        "True",
        "User",
        "Vec",
    ];
    if taken.contains(&type_name.as_str()) { format!("{type_name}Plugin") } else { type_name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_ends_at_the_next_heading_and_not_at_an_operator() {
        let sections = "=== a\none === two\n=== ab\nthree\n";
        assert_eq!(section(sections, "a"), "one === two");
        assert_eq!(section(sections, "ab"), "three\n");
        assert_eq!(section(sections, "b"), "");
    }

    #[test]
    fn names_are_written_in_each_way() {
        assert_eq!(Case::Snake.of("on-session-revoke"), "on_session_revoke");
        assert_eq!(Case::Camel.of("on-session-revoke"), "onSessionRevoke");
        assert_eq!(Case::Pascal.of("session_id"), "SessionId");
        assert_eq!(type_name("user"), "UserPlugin");
        assert_eq!(type_name("plan-2b"), "Plan2b");
    }
}
