//! What a mutation made of the claims or the session that it was given.

use std::io::{self, Write};

use hookgate_core::JsonObject;
use serde::Serialize;
use serde_json::Value;

/// How two objects differ, member by member.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Difference {
    added: JsonObject,
    changed: serde_json::Map<String, Value>,
    removed: JsonObject,
}

impl Difference {
    /// From `before` to `after`.
    pub(super) fn between(before: &JsonObject, after: &JsonObject) -> Self {
        let mut difference = Self::default();
        for (name, value) in after {
            match before.get(name) {
                None => drop(difference.added.insert(name.clone(), value.clone())),
                Some(old) if old != value => {
                    let change = serde_json::json!({ "before": old, "after": value });
                    difference.changed.insert(name.clone(), change);
                }
                Some(_) => {}
            }
        }
        for (name, value) in before {
            if !after.contains_key(name) {
                difference.removed.insert(name.clone(), value.clone());
            }
        }
        difference
    }

    /// Writes one line per member: `+` added, `~` changed, `-` removed.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let names = || self.added.keys().chain(self.changed.keys()).chain(self.removed.keys());
        let Some(width) = names().map(|name| name.chars().count()).max() else {
            return writeln!(out, "  nothing changed");
        };
        for (name, value) in &self.added {
            writeln!(out, "  + {:<width$}  {value}", printable(name))?;
        }
        for (name, change) in &self.changed {
            writeln!(out, "  ~ {:<width$}  {} → {}", printable(name), change["before"], change["after"])?;
        }
        for (name, value) in &self.removed {
            writeln!(out, "  - {:<width$}  {value}", printable(name))?;
        }
        Ok(())
    }
}

/// Names come from the plugin: no control character of theirs reaches the terminal. Values are JSON text,
/// which escapes them by itself.
fn printable(name: &str) -> String {
    name.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> JsonObject {
        let Value::Object(object) = value else { unreachable!("an object") };
        object
    }

    fn shown(before: Value, after: Value) -> String {
        let mut out = Vec::new();
        Difference::between(&object(before), &object(after)).write(&mut out).expect("a Vec takes it");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn each_kind_of_change_has_its_sign() {
        let text =
            shown(json!({"a": 1, "b": "x", "same": true}), json!({"b": "y", "plan": "pro", "same": true}));
        assert_eq!(text, "  + plan  \"pro\"\n  ~ b     \"x\" → \"y\"\n  - a     1\n");
    }

    #[test]
    fn no_change_is_said() {
        assert_eq!(shown(json!({"a": 1}), json!({"a": 1})), "  nothing changed\n");
    }
}
