//! Taking `Ada Lovelace <ada@example.org>` apart.

use unicode_normalization::UnicodeNormalization as _;

use super::EmailError;
use super::characters::{
    bad_characters, is_alphanumeric, is_atext, is_blank, listed, name, refuse_unsafe, strip,
};

/// How far a character can reach back to combine with another: itself, the 30 marks in a row of the
/// Stream-Safe Text Format, and one more.
const COMBINING_REACH: usize = 32;

/// An address in two halves, before either was looked at.
pub(super) struct Parts {
    /// The local part with its quotes, if it had any.
    pub(super) local_as_written: String,
    /// The local part without quotes.
    pub(super) local: String,
    /// Whether it had quotes.
    pub(super) is_quoted: bool,
    /// The domain.
    pub(super) domain: String,
    /// Whether there were angle brackets that [`without_display_name`] did not take off.
    pub(super) has_display_name: bool,
}

/// Takes off the name and the angle brackets of `name <address>` and `"name" <address>`. Whatever
/// looks otherwise is handed back as it is.
pub(super) fn without_display_name(text: &str) -> &str {
    let whole = strip(text);
    let Some(body) = whole.strip_suffix('>') else { return text };
    // A quoted name may hold anything, angle brackets included, so its end is looked for from behind.
    let address = if whole.starts_with('"') {
        body.match_indices('<').rev().find_map(|(at, _)| {
            let name = body[..at].trim_end_matches(is_blank);
            (name.len() > 2 && name.ends_with('"')).then(|| &body[at + 1..])
        })
    } else {
        body.split_once('<').and_then(|(name, address)| is_plain_name(name).then_some(address))
    };
    address.filter(|address| !address.is_empty()).unwrap_or(text)
}

/// Words of the characters that need no quotes, or nothing.
fn is_plain_name(name: &str) -> bool {
    name.chars().all(|c| is_blank(c) || is_alphanumeric(c) || is_atext(c) || c == '.')
}

/// Splits an address without surrounding blanks at its `@`.
pub(super) fn split(text: &str) -> Result<Parts, EmailError> {
    let (left, right) = split_at_unquoted(text, &['@', '<'])?;
    let (left, right, has_display_name) = if right.starts_with('<') {
        let (local, domain) = split_at_unquoted(in_brackets(left, right)?, &['@'])?;
        (local, domain, true)
    } else {
        (left, right, false)
    };
    let (local, is_quoted) = unquoted(left)?;
    Ok(Parts {
        local_as_written: left.to_owned(),
        local,
        is_quoted,
        domain: right.strip_prefix('@').unwrap_or(right).to_owned(),
        has_display_name,
    })
}

/// What stands between the brackets, after a look at the name before them.
fn in_brackets<'a>(name: &str, bracketed: &'a str) -> Result<&'a str, EmailError> {
    let (name, is_quoted) = unquoted(name.trim_end_matches(is_blank))?;
    if !is_quoted && let Some(bad) = bad_characters(&name, |c| is_atext(c) || c == ' ') {
        return Err(EmailError::UnquotedDisplayName(bad));
    }
    refuse_unsafe(&name, true)?;
    if !bracketed.contains('>') {
        return Err(EmailError::OpenAngleBracket);
    }
    bracketed
        .trim_end_matches(' ')
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .ok_or(EmailError::AfterAngleBracket)
}

/// Splits before the first of `specials` that is not in quotes and that no following mark turns into
/// another character (`<` and U+0338 are `≮`).
fn split_at_unquoted<'a>(text: &'a str, specials: &[char]) -> Result<(&'a str, &'a str), EmailError> {
    let mut in_quotes = false;
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        if combines(&text[at..], c) {
            continue;
        }
        if in_quotes {
            in_quotes = c != '"' || is_escaped;
            is_escaped = c == '\\' && !is_escaped;
        } else if c == '"' {
            in_quotes = true;
        } else if specials.contains(&c) {
            return Ok(text.split_at(at));
        }
    }
    Err(if text.contains('＠') {
        EmailError::FullWidthAtSign
    } else if text.contains('﹫') {
        EmailError::SmallAtSign
    } else {
        EmailError::NoAtSign
    })
}

/// Whether `c`, the first character of `text`, becomes another together with what follows.
fn combines(text: &str, c: char) -> bool {
    let mut next = text.chars().skip(1);
    if c.is_ascii() && next.next().is_none_or(|next| next.is_ascii()) {
        return false;
    }
    text.chars().take(COMBINING_REACH).nfc().next() != Some(c)
}

/// Takes off surrounding quotes and, within them, backslashes.
fn unquoted(text: &str) -> Result<(String, bool), EmailError> {
    let Some(quoted) = text.strip_prefix('"') else { return Ok((text.to_owned(), false)) };
    let mut value = String::with_capacity(quoted.len());
    let mut rest = quoted.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => value.extend(rest.next()),
            '"' if rest.as_str().is_empty() => break,
            '"' => return Err(EmailError::AfterClosingQuote(listed(rest.map(name)))),
            _ => value.push(c),
        }
    }
    Ok((value, true))
}
