//! The macro of a hook that is none: C compilers have twenty lines about one, and nothing of hooks in them.

use std::collections::BTreeSet;

const PREFIX: &str = "HOOKGATE_";
/// How like a hook's name a word must be to be taken for it.
const ALIKE: f64 = 0.85;

/// What is wrong with the first line that begins as a hook does, with a macro that neither the SDK nor the source has.
pub(crate) fn misspelt_hook(source: &str, sdk: &str) -> Option<String> {
    let known: BTreeSet<&str> = sdk.lines().chain(source.lines()).filter_map(defined).collect();
    let (line, name) = source
        .lines()
        .enumerate()
        .filter_map(|(at, line)| Some((at + 1, called(line)?)))
        .find(|(_, name)| !known.contains(name))?;
    let nearest = known
        .iter()
        .filter(|known| known.starts_with(PREFIX) && !known.ends_with('_'))
        .map(|known| (strsim::jaro_winkler(&name[PREFIX.len()..], &known[PREFIX.len()..]), known))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let hint = nearest.map(|(_, name)| format!("; did you mean `{name}`?")).unwrap_or_default();
    Some(format!("has in line {line} a hook that there is not, `{name}`{hint}"))
}

/// The macro that a line defines.
fn defined(line: &str) -> Option<&str> {
    Some(word(line.trim_start().strip_prefix("#define")?.trim_start()).0)
}

/// The macro of this SDK that a line begins with, if it has arguments.
fn called(line: &str) -> Option<&str> {
    let (name, rest) = word(line);
    (name.starts_with(PREFIX) && rest.trim_start().starts_with('(')).then_some(name)
}

fn word(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDK: &str = include_str!("../../../plugins-sdk/c/hookgate.h");

    #[test]
    fn a_hook_that_there_is_not_is_named_with_its_line() {
        let source = "#include \"hookgate.h\"\n\nHOOKGATE_ALLOW_SIGN_IN(user, provider) {\n";
        let expected = "has in line 3 a hook that there is not, `HOOKGATE_ALLOW_SIGN_IN`; did you mean `HOOKGATE_ALLOW_SIGNIN`?";
        assert_eq!(misspelt_hook(source, SDK).as_deref(), Some(expected));
        let alone = misspelt_hook("HOOKGATE_BEFORE_LUNCH (user) {", SDK).expect("none");
        assert!(alone.ends_with("`HOOKGATE_BEFORE_LUNCH`"), "{alone}");
    }

    #[test]
    fn what_there_is_is_not() {
        let own = "  #define HOOKGATE_MINE(x) x\nHOOKGATE_MINE(HOOKGATE_ON_SIGNUP(user)) {\n";
        let good = "HOOKGATE_ALLOW_SIGNIN(user, provider) {\n    HOOKGATE_OTHER(1);\n}\nHOOKGATE_OK;\n";
        for source in [own, good, "", "HOOKGATE_"] {
            assert_eq!(misspelt_hook(source, SDK), None, "{source}");
        }
    }
}
