//! What a mutation may not do. Broken rules are named, never silently repaired. Half a character is no rule's affair: it
//! becomes U+FFFD, as wherever a plugin answers with a text.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Changes, Given, halves};

/// The claims that identify a token and its holder; a plugin can't touch them. `exp` is not among
/// them: it may become earlier.
pub const RESERVED_CLAIMS: [&str; 8] = ["sub", "iss", "aud", "iat", "nbf", "jti", "type", "sid"];

/// The fields of a session that are the server's alone.
pub const RESERVED_SESSION_FIELDS: [&str; 4] = ["id", "user_id", "created_at", "expires_at"];

/// An answer of a plugin that breaks the rules of its hook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Not JSON.
    #[error("text that is not JSON: {0}")]
    NotJson(String),
    /// JSON, but not an object.
    #[error("a JSON {0} where an object is expected")]
    NotAnObject(&'static str),
    /// A field that is not the plugin's was changed, added or removed.
    #[error("a changed `{0}`, which is reserved")]
    Reserved(&'static str),
    /// `exp` was put off.
    #[error("an `exp` that is later than the server's, or no number")]
    LaterExpiry,
    /// Too large.
    #[error("{size} bytes, more than the {limit} allowed (`{name}`)")]
    TooLarge {
        /// The answer's size in bytes.
        size: usize,
        /// What is allowed.
        limit: usize,
        /// The limit's name.
        name: &'static str,
    },
}

const MAX_CLAIMS: &str = "max_claims_bytes";
const MAX_SESSION: &str = "max_session_bytes";

/// What becomes of an answer that changes what is reserved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnViolation {
    /// The call has failed.
    #[default]
    Fail,
    /// What is reserved is put back, and the rest counts. For hooks that were written without a guard.
    Restore,
}

/// An answer after its repair, and what had to be repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What the answer changes of all that is not reserved.
    pub changes: Changes,
    /// One per field that was put back.
    pub violations: Vec<Violation>,
}

/// Compares what `modify-jwt` answered with what was given.
///
/// # Errors
/// The first rule that the answer breaks.
pub fn guard_claims(given: &Given<'_>, answer: &str, limit: usize) -> Result<Changes, Violation> {
    let changes = read(given, answer, limit, MAX_CLAIMS)?;
    untouched(&changes, &RESERVED_CLAIMS)?;
    if is_later(given, &changes) {
        return Err(Violation::LaterExpiry);
    }
    Ok(changes)
}

/// [`guard_claims`] that puts back what is reserved.
///
/// # Errors
/// The answer is no object, or too large: there is nothing to put back into.
pub fn restore_claims(given: &Given<'_>, answer: &str, limit: usize) -> Result<Restored, Violation> {
    let mut restored = restore(read(given, answer, limit, MAX_CLAIMS)?, &RESERVED_CLAIMS);
    if is_later(given, &restored.changes) {
        restored.changes.undo("exp");
        restored.violations.push(Violation::LaterExpiry);
    }
    Ok(restored)
}

/// [`guard_session`] that puts back what is reserved.
///
/// # Errors
/// The answer is no object, or too large.
pub fn restore_session(given: &Given<'_>, answer: &str, limit: usize) -> Result<Restored, Violation> {
    Ok(restore(read(given, answer, limit, MAX_SESSION)?, &RESERVED_SESSION_FIELDS))
}

/// Compares what `modify-session` answered with what was given.
///
/// # Errors
/// The first rule that the answer breaks.
pub fn guard_session(given: &Given<'_>, answer: &str, limit: usize) -> Result<Changes, Violation> {
    let changes = read(given, answer, limit, MAX_SESSION)?;
    untouched(&changes, &RESERVED_SESSION_FIELDS)?;
    Ok(changes)
}

fn read(given: &Given<'_>, answer: &str, limit: usize, name: &'static str) -> Result<Changes, Violation> {
    if answer.len() > limit {
        return Err(Violation::TooLarge { size: answer.len(), limit, name });
    }
    // Only what can't be read is looked at for halves: nearly all answers can.
    let changes = Changes::read(given, answer).or_else(|_| Changes::read(given, &halves::replaced(answer)));
    changes.map_err(|error| match serde_json::from_str(answer) {
        Ok(Value::Object(_)) | Err(_) => Violation::NotJson(error.to_string()),
        Ok(other) => Violation::NotAnObject(kind_of(&other)),
    })
}

fn untouched(changes: &Changes, names: &[&'static str]) -> Result<(), Violation> {
    match names.iter().find(|name| changes.touch(name)) {
        Some(name) => Err(Violation::Reserved(name)),
        None => Ok(()),
    }
}

fn restore(mut changes: Changes, names: &[&'static str]) -> Restored {
    let touched: Vec<_> = names.iter().copied().filter(|name| changes.touch(name)).collect();
    for name in &touched {
        changes.undo(name);
    }
    Restored { changes, violations: touched.into_iter().map(Violation::Reserved).collect() }
}

/// Whether `exp` was changed, and not to an earlier time.
fn is_later(given: &Given<'_>, changes: &Changes) -> bool {
    let is_earlier = || match (seconds(given.value("exp")), seconds(changes.value("exp"))) {
        (Some(old), Some(new)) => new < old,
        _ => false,
    };
    changes.touch("exp") && !is_earlier()
}

/// Whole seconds. A fraction would make two verifiers disagree about the last second.
fn seconds(claim: Option<&Value>) -> Option<i64> {
    claim.and_then(Value::as_i64)
}

const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::JsonObject;

    fn claims() -> JsonObject {
        let Value::Object(claims) = json!({
            "sub": "u1", "jti": "j1", "type": "access", "iat": 1000, "exp": 1900, "email": "ada@example.com"
        }) else {
            unreachable!()
        };
        claims
    }

    fn given(object: &JsonObject) -> Given<'_> {
        Given::of(object).expect("an object")
    }

    fn answered(change: impl FnOnce(&mut JsonObject)) -> Result<JsonObject, Violation> {
        let mut after = claims();
        change(&mut after);
        guard_claims(&given(&claims()), &Value::Object(after).to_string(), 16 * 1024).map(applied)
    }

    fn applied(changes: Changes) -> JsonObject {
        let mut after = claims();
        changes.apply(&mut after);
        after
    }

    #[test]
    fn other_claims_may_be_added_changed_and_removed() {
        let after = answered(|c| {
            c.insert("plan".to_owned(), json!("pro"));
            c.insert("email".to_owned(), json!("other"));
        });
        assert_eq!(after.expect("allowed")["plan"], "pro");
        assert!(answered(|c| drop(c.remove("email"))).is_ok());
    }

    #[test]
    fn each_reserved_claim_is_named_when_touched() {
        for name in RESERVED_CLAIMS {
            let changed = answered(|c| drop(c.insert(name.to_owned(), json!("forged"))));
            assert_eq!(changed, Err(Violation::Reserved(name)));
        }
        assert_eq!(answered(|c| drop(c.remove("sub"))), Err(Violation::Reserved("sub")));
        assert_eq!(answered(|c| drop(c.insert("iss".into(), Value::Null))), Err(Violation::Reserved("iss")));
    }

    #[test]
    fn expiry_only_becomes_earlier() {
        assert!(answered(|c| drop(c.insert("exp".into(), json!(1899)))).is_ok());
        for exp in [json!(1901), json!(1899.5), json!("1899"), json!(1e300), Value::Null] {
            assert_eq!(answered(|c| drop(c.insert("exp".into(), exp))), Err(Violation::LaterExpiry));
        }
        assert_eq!(answered(|c| drop(c.remove("exp"))), Err(Violation::LaterExpiry));
    }

    #[test]
    fn what_is_reserved_can_be_put_back() {
        let answer = json!({"sub": "u2", "exp": 9999, "iat": 1000, "jti": "j1", "iss": "x", "plan": "pro"});
        let Restored { changes, violations } =
            restore_claims(&given(&claims()), &answer.to_string(), 1024).expect("an object");
        let mut expected = claims();
        expected.remove("email");
        expected.insert("plan".to_owned(), json!("pro"));
        assert_eq!(applied(changes), expected);
        let named = ["sub", "iss", "type"].map(Violation::Reserved);
        assert_eq!(violations, [&named[..], &[Violation::LaterExpiry]].concat());
        assert!(restore_claims(&given(&claims()), "[]", 1024).is_err());
        let Value::Object(session) = json!({"id": "s1", "user_id": "u1"}) else { unreachable!() };
        let restored = restore_session(&given(&session), r#"{"id":"s2","user_id":"u1","x":1}"#, 1024);
        let restored = restored.expect("an object");
        assert!(restored.changes.touch("x") && !restored.changes.touch("id"));
        assert_eq!(restored.violations, [Violation::Reserved("id")]);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["[]", "null", "1", "\"x\"", "true"] {
            assert!(
                matches!(guard_claims(&given(&claims()), text, 1024), Err(Violation::NotAnObject(_))),
                "{text}"
            );
        }
        for text in ["", "{", "{\"a\":NaN}", "{\"a\":1}{"] {
            assert!(
                matches!(guard_claims(&given(&claims()), text, 1024), Err(Violation::NotJson(_))),
                "{text}"
            );
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(guard_claims(&given(&claims()), &deep, 1 << 20), Err(Violation::NotJson(_))));
    }

    #[test]
    fn half_a_character_becomes_the_replacement_character() {
        let text = Value::Object(claims()).to_string();
        let answer = text.replace('}', r#","name":"fox \ud83e","\ud83e":1}"#);
        let after = guard_claims(&given(&claims()), &answer, 1024).map(applied).expect("allowed");
        assert_eq!((&after["name"], &after["\u{fffd}"]), (&json!("fox \u{fffd}"), &json!(1)));
        let forged = text.replace(r#""u1""#, r#""\ud83e""#);
        assert_eq!(guard_claims(&given(&claims()), &forged, 1024), Err(Violation::Reserved("sub")));
    }

    #[test]
    fn a_long_answer_is_refused_before_it_is_parsed() {
        let answer = format!("{{\"x\":\"{}\"}}", "y".repeat(100));
        assert_eq!(
            guard_claims(&given(&claims()), &answer, 50),
            Err(Violation::TooLarge { size: 108, limit: 50, name: MAX_CLAIMS })
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| prop::collection::vec(inner, 0..4).prop_map(Value::from))
    }

    proptest! {
        #[test]
        fn whatever_passes_keeps_every_reserved_claim(
            name in prop_oneof![prop::sample::select(&RESERVED_CLAIMS[..]).prop_map(str::to_owned), "[a-z]{1,5}"],
            value in any_json(),
        ) {
            let before = claims();
            if let Ok(after) = answered(|c| drop(c.insert(name, value))) {
                for reserved in RESERVED_CLAIMS {
                    prop_assert_eq!(after.get(reserved), before.get(reserved));
                }
                prop_assert!(after["exp"].as_i64() <= Some(1900));
            }
        }

        #[test]
        fn whatever_is_restored_passes_the_guard(
            changes in prop::collection::btree_map(
                prop_oneof![
                    prop::sample::select(&RESERVED_CLAIMS[..]).prop_map(str::to_owned),
                    Just("exp".to_owned()),
                    "[a-z]{1,5}",
                ],
                prop::option::of(any_json()),
                0..6,
            ),
        ) {
            let mut answer = claims();
            for (name, value) in changes {
                match value {
                    Some(value) => drop(answer.insert(name, value)),
                    None => drop(answer.remove(&name)),
                }
            }
            let answer = Value::Object(answer).to_string();
            let restored = restore_claims(&given(&claims()), &answer, 1 << 20).expect("an object");
            let text = Value::Object(applied(restored.changes.clone())).to_string();
            prop_assert_eq!(guard_claims(&given(&claims()), &text, 1 << 20), Ok(restored.changes));
            prop_assert_eq!(restored.violations.is_empty(), guard_claims(&given(&claims()), &answer, 1 << 20).is_ok());
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _ = guard_claims(&given(&claims()), &text, 128);
            let _ = guard_session(&given(&claims()), &text, 128);
        }
    }
}
