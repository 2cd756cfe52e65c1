//! Kinds of characters, and how they are named to people.

use std::collections::BTreeSet;

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory as _};

use super::EmailError;

/// Whether a character is a blank. More than Rust's `White_Space`: the four ASCII separators too, as
/// Python's `str.strip` has it.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// The text without surrounding blanks.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// Whether a character is a letter or a digit of any script.
pub(super) fn is_alphanumeric(c: char) -> bool {
    matches!(c.general_category_group(), GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number)
}

/// Whether a character is a mark that attaches itself to the one before.
pub(super) fn is_mark(c: char) -> bool {
    c.general_category_group() == GeneralCategoryGroup::Mark
}

/// The characters of RFC 5322's `atext`: what an ASCII local part is made of, besides periods.
pub(super) fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_!#$%&'*+-/=?^`{|}~".contains(c)
}

/// Refuses what can't be seen, changes how its surroundings look, or means nothing yet: control and
/// format characters (those that turn the writing direction, above all), private and unassigned code
/// points, line separators, and a mark in front, which would attach itself to whatever comes before.
pub(super) fn refuse_unsafe(text: &str, may_have_spaces: bool) -> Result<(), EmailError> {
    let is_safe = |(index, c): (usize, char)| match c.general_category_group() {
        GeneralCategoryGroup::Letter
        | GeneralCategoryGroup::Number
        | GeneralCategoryGroup::Punctuation
        | GeneralCategoryGroup::Symbol => true,
        GeneralCategoryGroup::Mark => index > 0,
        GeneralCategoryGroup::Separator => {
            may_have_spaces && c.general_category() == GeneralCategory::SpaceSeparator
        }
        GeneralCategoryGroup::Other => false,
    };
    if text.is_ascii() && !text.contains(|c: char| c.is_ascii_control() || c == ' ') {
        return Ok(());
    }
    let bad: BTreeSet<char> =
        text.char_indices().filter(|&indexed| !is_safe(indexed)).map(|(_, c)| c).collect();
    if bad.is_empty() {
        return Ok(());
    }
    Err(EmailError::UnsafeCharacters(listed(bad.into_iter().map(name))))
}

/// The names of the characters of `text` that `is_good` does not accept, each once; none if it
/// accepts all.
pub(super) fn bad_characters(text: &str, is_good: impl Fn(char) -> bool) -> Option<String> {
    let bad: BTreeSet<String> = text.chars().filter(|&c| !is_good(c)).map(name).collect();
    (!bad.is_empty()).then(|| listed(bad))
}

/// Names, separated by commas.
pub(super) fn listed(names: impl IntoIterator<Item = String>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// A character in quotes if it can be seen, else its name or number.
pub(super) fn name(c: char) -> String {
    match c.general_category_group() {
        _ if c == '\\' => "\"\\\"".to_owned(),
        _ if c == '\'' => "\"'\"".to_owned(),
        GeneralCategoryGroup::Letter
        | GeneralCategoryGroup::Number
        | GeneralCategoryGroup::Punctuation
        | GeneralCategoryGroup::Symbol => format!("'{c}'"),
        _ => unicode_name(c).map_or_else(|| number(c), str::to_owned),
    }
}

/// The names of the invisible characters that people do paste into forms. Others go by number.
fn unicode_name(c: char) -> Option<&'static str> {
    Some(match c {
        ' ' => "SPACE",
        '\u{a0}' => "NO-BREAK SPACE",
        '\u{ad}' => "SOFT HYPHEN",
        '\u{2003}' => "EM SPACE",
        '\u{2009}' => "THIN SPACE",
        '\u{200b}' => "ZERO WIDTH SPACE",
        '\u{200c}' => "ZERO WIDTH NON-JOINER",
        '\u{200d}' => "ZERO WIDTH JOINER",
        '\u{200e}' => "LEFT-TO-RIGHT MARK",
        '\u{200f}' => "RIGHT-TO-LEFT MARK",
        '\u{2028}' => "LINE SEPARATOR",
        '\u{2029}' => "PARAGRAPH SEPARATOR",
        '\u{202a}' => "LEFT-TO-RIGHT EMBEDDING",
        '\u{202b}' => "RIGHT-TO-LEFT EMBEDDING",
        '\u{202c}' => "POP DIRECTIONAL FORMATTING",
        '\u{202d}' => "LEFT-TO-RIGHT OVERRIDE",
        '\u{202e}' => "RIGHT-TO-LEFT OVERRIDE",
        '\u{202f}' => "NARROW NO-BREAK SPACE",
        '\u{2060}' => "WORD JOINER",
        '\u{3000}' => "IDEOGRAPHIC SPACE",
        '\u{feff}' => "ZERO WIDTH NO-BREAK SPACE",
        _ => return None,
    })
}

/// `U+` and four digits; eight beyond the first plane.
fn number(c: char) -> String {
    let code = u32::from(c);
    if code < 0xFFFF { format!("U+{code:04X}") } else { format!("U+{code:08X}") }
}

/// The ending of a noun after a number.
pub(super) const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
