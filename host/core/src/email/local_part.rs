//! What stands before the `@`.

use unicode_normalization::UnicodeNormalization as _;

use super::EmailError;
use super::characters::{bad_characters, is_atext, refuse_unsafe};
use super::split::Parts;

/// Checks a local part and brings it into NFC. Its case is left as it is.
pub(super) fn check(parts: &Parts) -> Result<String, EmailError> {
    check_text(&parts.local, parts.is_quoted)?;
    let normalised: String = parts.local.nfc().collect();
    if normalised != parts.local {
        check_text(&normalised, parts.is_quoted)
            .map_err(|error| EmailError::AfterNormalisation(Box::new(error)))?;
    }
    if parts.is_quoted { Err(EmailError::QuotedLocalPart) } else { Ok(normalised) }
}

fn check_text(local: &str, is_quoted: bool) -> Result<(), EmailError> {
    let is_permitted = |c: char| is_atext(c) || !c.is_ascii();
    if local.is_empty() {
        return Err(EmailError::EmptyLocalPart);
    }
    if local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_permitted)) {
        return refuse_unsafe(local, false);
    }
    if is_quoted {
        return match bad_characters(local, |c| !c.is_ascii_control()) {
            Some(bad) => Err(EmailError::QuotedCharacters(bad)),
            None => refuse_unsafe(local, true),
        };
    }
    if let Some(bad) = bad_characters(local, |c| is_permitted(c) || c == '.') {
        return Err(EmailError::LocalPartCharacters(bad));
    }
    Err(if local.ends_with('.') {
        EmailError::PeriodBeforeAt
    } else if local.starts_with('.') {
        EmailError::LeadingPeriod
    } else {
        EmailError::TwoPeriods
    })
}
