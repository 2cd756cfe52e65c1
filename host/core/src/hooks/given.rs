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
    /// Writes an object, its fields in the order of their names.
    ///
    /// # Errors
    /// `serde_json` can't write it, which does not happen to what it has read.
    pub fn of(object: &'a JsonObject) -> serde_json::Result<Self> {
        let mut fields: Vec<_> = object.iter().map(|(name, value)| Field { name, value, end: 0 }).collect();
        // They are in order already, unless a dependency asks serde_json to keep that of the text.
        fields.sort_unstable_by_key(|field| field.name);
        // Enough for the claims of a token and some of an application's own.
        let mut text = Vec::with_capacity(512);
        text.push(b'{');
        for (n, field) in fields.iter_mut().enumerate() {
            if n > 0 {
                text.push(b',');
            }
            serde_json::to_writer(&mut text, field.name)?;
            text.push(b':');
            serde_json::to_writer(&mut text, field.value)?;
            field.end = text.len();
        }
        text.push(b'}');
        let text = String::from_utf8(text).map_err(serde_json::Error::custom)?;
        Ok(Self { text, fields })
    }

    /// The object as JSON text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value of a field.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        let at = self.fields.binary_search_by_key(&name, |field| field.name).ok()?;
        Some(self.fields[at].value)
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
