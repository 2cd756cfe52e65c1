//! What a plugin's answer changes of the object that it was given.
//!
//! Most of an answer is what was asked about. What is so byte for byte is passed over; the rest is compared while it is
//! read, so that only what differs is kept: a token's claims are read once per plugin, and copying all of them each time
//! would be the larger part of what the host adds to a call.

use std::fmt;
use std::ops::Range;

use serde::Deserialize as _;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use super::given::{Field, Given, Middle};
use crate::JsonObject;

/// What an answer changes of the object that was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// As the answer has them. There are few, mostly: a list is quicker to make and to search than a map.
    set: Vec<(String, Value)>,
    removed: Vec<String>,
}

impl Changes {
    /// Compares an answer, the text of a JSON object, with what was given. Of a doubled key the last one counts.
    ///
    /// # Errors
    /// The text is no JSON object, nests more than 128 levels deep or has a number that is none.
    pub fn read(given: &Given<'_>, answer: &str) -> serde_json::Result<Self> {
        if let Some(middle) = given.middle(answer)
            && let Ok(changes) = Self::of_middle(given, &middle)
        {
            return Ok(changes);
        }
        Self::compare(Comparison::with(given, 0..given.fields.len()), answer)
    }

    /// What stands around the middle has been compared. An error says only that all must be read.
    fn of_middle(given: &Given<'_>, middle: &Middle<'_>) -> serde_json::Result<Self> {
        let comparison = Comparison::with(given, middle.fields.clone());
        if middle.members.is_empty() {
            return Ok(Self { set: Vec::new(), removed: comparison.missing() });
        }
        Self::compare(comparison, &["{", middle.members, "}"].concat())
    }

    fn compare(comparison: Comparison<'_>, answer: &str) -> serde_json::Result<Self> {
        let mut text = serde_json::Deserializer::from_str(answer);
        let changes = text.deserialize_map(comparison)?;
        text.end()?;
        Ok(changes)
    }

    /// Makes of what was given what was answered.
    pub fn apply(self, object: &mut JsonObject) {
        for name in &self.removed {
            object.remove(name);
        }
        object.extend(self.set);
    }

    /// Whether a field was added, changed or removed.
    #[must_use]
    pub fn touch(&self, name: &str) -> bool {
        self.value(name).is_some() || self.removed.iter().any(|removed| removed == name)
    }

    /// The new value of a field that was added or changed.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        // Of a doubled one the last counts.
        self.set.iter().rev().find(|(set, _)| set == name).map(|(_, value)| value)
    }

    /// Leaves a field as it was.
    pub fn undo(&mut self, name: &str) {
        self.set.retain(|(set, _)| set != name);
        self.removed.retain(|removed| removed != name);
    }
}

/// An answer on its way to be [`Changes`].
struct Comparison<'a> {
    given: &'a Given<'a>,
    /// The fields that the text has something in place of. It stands between the others.
    open: Range<usize>,
    /// Of these.
    is_answered: Vec<bool>,
    /// Where the next field of the answer most likely is: nearly all answers keep the order.
    next: usize,
}

impl<'a> Comparison<'a> {
    fn with(given: &'a Given<'a>, open: Range<usize>) -> Self {
        let (is_answered, next) = (vec![false; open.len()], open.start);
        Self { given, open, is_answered, next }
    }

    fn find(&mut self, name: &str) -> Option<usize> {
        let at = match self.given.fields.get(self.next) {
            Some(field) if field.name == name => self.next,
            _ => self.given.find(name)?,
        };
        self.next = at + 1;
        Some(at)
    }

    /// The fields that were not answered.
    fn missing(&self) -> Vec<String> {
        let open = self.given.fields[self.open.clone()].iter().zip(&self.is_answered);
        open.filter(|(_, is_answered)| !**is_answered).map(|(field, _)| field.name.to_owned()).collect()
    }
}

impl<'de> Visitor<'de> for Comparison<'_> {
    type Value = Changes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut answer: A) -> Result<Changes, A::Error> {
        let mut set = Vec::new();
        while let Some(name) = answer.next_key_seed(Name(&mut self))? {
            let at = match name {
                Known::New(name) => {
                    set.push((name, answer.next_value()?));
                    continue;
                }
                Known::Given(at) => at,
            };
            let Field { name, value, .. } = self.given.fields[at];
            let changed = answer.next_value_seed(Same(value))?;
            if at >= self.open.end {
                // It follows once more, as it was given.
                continue;
            }
            let first = at.checked_sub(self.open.start).and_then(|at| self.is_answered.get_mut(at));
            if first.is_none_or(|is_answered| std::mem::replace(is_answered, true)) {
                set.retain(|(set, _)| set != name);
            }
            if let Some(value) = changed {
                set.push((name.to_owned(), value));
            }
        }
        Ok(Changes { set, removed: self.missing() })
    }
}

/// Reads a name.
struct Name<'c, 'a>(&'c mut Comparison<'a>);

enum Known {
    Given(usize),
    New(String),
}

impl<'de> DeserializeSeed<'de> for Name<'_, '_> {
    type Value = Known;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_, '_> {
    type Value = Known;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.find(name).map_or_else(|| Known::New(name.to_owned()), Known::Given))
    }
}

/// Reads a value: `None` if it is the one that was given.
struct Same<'a>(&'a Value);

impl Same<'_> {
    fn unless_same(self, value: Value) -> Option<Value> {
        (value != *self.0).then_some(value)
    }
}

impl<'de> DeserializeSeed<'de> for Same<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Same<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(self.unless_same(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(self.unless_same(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(self.unless_same(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(self.unless_same(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(self.unless_same(Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        // The one that is worth it: an equal text is not copied.
        Ok((self.0.as_str() != Some(value)).then(|| value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<Self::Value, A::Error> {
        Ok(self.unless_same(Value::deserialize(SeqAccessDeserializer::new(values))?))
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
        Ok(self.unless_same(Value::deserialize(MapAccessDeserializer::new(fields))?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> JsonObject {
        match value {
            Value::Object(object) => object,
            other => panic!("no object: {other}"),
        }
    }

    fn read(before: &JsonObject, answer: &str) -> serde_json::Result<Changes> {
        Changes::read(&Given::of(before)?, answer)
    }

    #[test]
    fn only_what_differs_is_kept() {
        let before = object(json!({"a": 1, "b": "two", "c": [3], "d": {"four": 4}, "e": null, "f": 0.5}));
        let answer = r#"{"f":0.5,"\u0061":1,"c":[3],"b":"zwei","d":{"four":4},"new":true}"#;
        let changes = read(&before, answer).expect("an object");
        assert_eq!(changes.set, [("b".to_owned(), json!("zwei")), ("new".to_owned(), json!(true))]);
        assert_eq!(changes.removed, ["e"]);
        assert!(changes.touch("b") && changes.touch("e") && changes.touch("new") && !changes.touch("a"));
    }

    #[test]
    fn a_number_of_another_kind_is_another_number() {
        let before = object(json!({"n": 1}));
        let changes = read(&before, r#"{"n":1.0}"#).expect("an object");
        assert_eq!(changes.value("n"), Some(&json!(1.0)));
    }

    #[test]
    fn what_is_undone_stays_as_it_was() {
        let before = object(json!({"a": 1, "b": 2}));
        let mut changes = read(&before, r#"{"a":3,"c":4}"#).expect("an object");
        for name in ["a", "b", "c"] {
            changes.undo(name);
        }
        assert_eq!(changes, Changes::default());
    }

    /// Few names and values, so that answers often say again what was given, and say it twice.
    fn any_field() -> impl Strategy<Value = (String, Value)> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-1_i64..2).prop_map(Value::from),
            prop_oneof![Just(0.5), Just(1.0)].prop_map(Value::from),
            "[ab\"ü]{0,1}".prop_map(Value::from),
        ];
        let value = leaf.prop_recursive(2, 4, 2, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::vec(("[ab]", inner), 0..3)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        });
        ("[abc\"]{1,2}", value)
    }

    fn text_of(fields: &[(String, Value)], separator: &str) -> String {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| format!("{}:{value}", Value::from(name.as_str()))).collect();
        format!("{{{}}}", fields.join(separator))
    }

    type Fields = Vec<(String, Value)>;

    /// What is given, and the same with other fields in its middle, as most answers are.
    fn any_edit() -> impl Strategy<Value = (Fields, Fields)> {
        let given =
            prop::collection::btree_map("[abc\"]{1,2}", any_field().prop_map(|(_, value)| value), 0..8);
        let cut = (0_usize..8, 0_usize..8, prop::collection::vec(any_field(), 0..3));
        (given, cut).prop_map(|(given, (first, removed, new))| {
            let given: Vec<_> = given.into_iter().collect();
            let mut answer = given.clone();
            let first = first.min(answer.len());
            let last = (first + removed).min(answer.len());
            answer.splice(first..last, new);
            (given, answer)
        })
    }

    proptest! {
        #[test]
        fn applied_they_make_the_answer(
            before in prop::collection::vec(any_field(), 0..8),
            answer in prop::collection::vec(any_field(), 0..8),
        ) {
            let mut before: JsonObject = before.into_iter().collect();
            let text = text_of(&answer, ", ");
            let expected: JsonObject = serde_json::from_str(&text).expect("an object");
            read(&before, &text).expect("an object").apply(&mut before);
            prop_assert_eq!(before, expected);
        }

        #[test]
        fn passing_over_what_is_the_same_changes_nothing((given, answer) in any_edit()) {
            let before: JsonObject = given.into_iter().collect();
            let text = text_of(&answer, ",");
            let expected: JsonObject = serde_json::from_str(&text).expect("an object");
            let changes = read(&before, &text).expect("an object");
            let mut after = before.clone();
            changes.clone().apply(&mut after);
            prop_assert_eq!(&after, &expected);
            // Nothing is called a change that is none: the guard looks at nothing else.
            for (name, value) in &before {
                prop_assert_eq!(changes.touch(name), expected.get(name) != Some(value), "{}", name);
            }
        }

        #[test]
        fn a_broken_answer_is_refused_as_serde_json_does(
            (given, answer) in any_edit(),
            at in any::<prop::sample::Index>(),
            broken in r#"[\{\}\[\]":, 01e]?"#,
            len in 0_usize..3,
        ) {
            let before: JsonObject = given.into_iter().collect();
            let mut text = text_of(&answer, ",");
            let begin = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.floor_char_boundary((begin + len).min(text.len()));
            text.replace_range(begin..end.max(begin), &broken);
            match (read(&before, &text), serde_json::from_str::<JsonObject>(&text)) {
                (Ok(changes), Ok(expected)) => {
                    let mut after = before;
                    changes.apply(&mut after);
                    prop_assert_eq!(after, expected);
                }
                (read, expected) => prop_assert_eq!(read.is_ok(), expected.is_ok(), "{}", text),
            }
        }

        #[test]
        fn what_serde_json_refuses_is_refused(text in r#"[\{\}\[\]":,a01.e\\u -]{0,24}"#) {
            let before = JsonObject::new();
            let read = read(&before, &text);
            prop_assert_eq!(read.is_ok(), serde_json::from_str::<JsonObject>(&text).is_ok());
        }
    }
}
