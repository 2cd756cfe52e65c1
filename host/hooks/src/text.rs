//! Making texts of plugins safe to log: no control characters, no more than so many bytes.

use std::borrow::Cow;

/// Whether a character could forge or hide log lines: control characters, line separators, and the
/// marks that turn the direction of text.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Writes such characters as `\n`, `\u{1b}`.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unprintable(c) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// The longest prefix of at most `limit` bytes that ends with a whole character.
pub(crate) fn truncate(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

/// The first line of `text`, cut and escaped: what fits into a sentence.
pub(crate) fn one_line(text: &str, limit: usize) -> String {
    escape(truncate(text.lines().next().unwrap_or_default(), limit)).into_owned()
}

/// The candidate that is closest to a misspelt word, if any is close.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(escape("plain ü"), "plain ü");
        assert_eq!(escape("a\nb\u{1b}[0m\u{202e}c"), "a\\nb\\u{1b}[0m\\u{202e}c");
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(truncate("aüb", 2), "a");
        assert_eq!(truncate("aüb", 3), "aü");
        assert_eq!(truncate("a", 9), "a");
    }

    #[test]
    fn the_nearest_word_is_found() {
        assert_eq!(nearest("oder", ["order", "enabled"]), Some("order"));
        assert_eq!(nearest("zzz", ["order", "enabled"]), None);
    }
}
