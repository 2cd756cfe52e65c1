//! An object as a plugin gets it: its text, and where in it each field is.
//!
//! Nearly all of an answer is the text that was given, byte for byte. Knowing where the fields end, whoever reads the
//! answer can pass over those that were left alone.

use std::ops::Range;

use serde::ser::Error as _;
use serde_json::Value;

use crate::JsonObject;

/// An object as a plugin gets it.
#[derive(Clone, Debug)]
pub struct Given<'a> {
    object: &'a JsonObject,
    text: String,
    /// In the order of the text.
    pub(super) fields: Vec<Field<'a>>,
}

/// A field of an object that was given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a Value,
    /// Where it ends in the text. It begins where the one before it ends, with the comma or brace.
    end: usize,
}

/// What an answer has in place of which fields.
pub(super) struct Middle<'t> {
    /// The fields that are not at the answer's beginning or end as they were given.
    pub(super) fields: Range<usize>,
    /// What is there instead: members, without a brace or comma around them.
    pub(super) members: &'t str,
}

impl<'a> Given<'a> {
    /// Writes an object.
    ///
    /// # Errors
    /// `serde_json` can't write it, which does not happen to what it has read.
    pub fn of(object: &'a JsonObject) -> serde_json::Result<Self> {
        let mut fields = Vec::with_capacity(object.len());
        // Enough for the claims of a token and some of an application's own.
        let mut text = Vec::with_capacity(512);
        text.push(b'{');
        for (name, value) in object {
            if !fields.is_empty() {
                text.push(b',');
            }
            write_string(&mut text, name)?;
            text.push(b':');
            match value {
                Value::String(string) => write_string(&mut text, string)?,
                value => serde_json::to_writer(&mut text, value)?,
            }
            fields.push(Field { name, value, end: text.len() });
        }
        text.push(b'}');
        let text = String::from_utf8(text).map_err(serde_json::Error::custom)?;
        Ok(Self { object, text, fields })
    }

    /// The object as JSON text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value of a field.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name)
    }

    /// Which of the fields it is.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let value = self.value(name)?;
        self.fields.iter().position(|field| std::ptr::eq(field.value, value))
    }

    /// What an answer has that neither begins nor ends as the text does. `None` if nothing does, or if only a parser can
    /// tell.
    pub(super) fn middle<'t>(&self, answer: &'t str) -> Option<Middle<'t>> {
        let (first, begin) = self.same_at_the_beginning(answer.as_bytes());
        let rest = answer.get(begin..)?.strip_suffix('}')?;
        let (last, end) = self.same_at_the_end(first, rest.as_bytes());
        if first == 0 && last == self.fields.len() {
            return None;
        }
        let rest = rest.get(..end)?;
        let fields = first..last;
        if first > 0 && rest.is_empty() {
            return Some(Middle { fields, members: "" });
        }
        let members = rest.strip_prefix(if first == 0 { '{' } else { ',' })?;
        // A comma that separates nothing is an error, which is the parser's to tell.
        (!members.trim_start().is_empty()).then_some(Middle { fields, members })
    }

    /// How many fields an answer begins with, and where they end.
    fn same_at_the_beginning(&self, answer: &[u8]) -> (usize, usize) {
        let text = self.text.as_bytes();
        let (mut count, mut at) = (0, 0);
        for &Field { end, .. } in &self.fields {
            // What follows is looked at as well: 12 is not the beginning of 123.
            let is_same =
                answer.get(at..end) == text.get(at..end) && matches!(answer.get(end), Some(b',' | b'}'));
            if !is_same {
                break;
            }
            (count, at) = (count + 1, end);
        }
        (count, at)
    }

    /// The first of the fields that `rest` ends with, each with its comma, and the length of what is before it. `rest` is
    /// what an answer has after the fields before `first`.
    fn same_at_the_end(&self, first: usize, rest: &[u8]) -> (usize, usize) {
        let text = self.text.as_bytes();
        let (mut last, mut left) = (self.fields.len(), rest);
        // The very first field has no comma.
        while last > first.max(1) {
            let field = self.fields[last - 2].end..self.fields[last - 1].end;
            let Some(before) = left.strip_suffix(&text[field]) else { break };
            (last, left) = (last - 1, before);
        }
        (last, left.len())
    }
}

/// Writes a string as JSON. Most have nothing to escape; to look for it all at once is quicker than byte by byte.
fn write_string(text: &mut Vec<u8>, string: &str) -> serde_json::Result<()> {
    let is_plain = |byte| byte >= b' ' && byte != b'"' && byte != b'\\';
    if !string.bytes().fold(true, |all, byte| all & is_plain(byte)) {
        return serde_json::to_writer(text, string);
    }
    text.push(b'"');
    text.extend_from_slice(string.as_bytes());
    text.push(b'"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_text_that_serde_json_writes(
            fields in prop::collection::btree_map(".{0,20}", ".{0,20}", 0..4),
        ) {
            let object: JsonObject =
                fields.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
            let expected = serde_json::to_string(&object).expect("a text");
            let given = Given::of(&object).expect("a text");
            prop_assert_eq!(given.text(), expected);
        }
    }
}
