//! What stands after the `@`.

use std::net::{Ipv4Addr, Ipv6Addr};

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

use super::characters::{bad_characters, refuse_unsafe};
use super::{EmailError, idna2008};

/// The longest domain in DNS, in bytes, without the root's period.
const DOMAIN_LIMIT: usize = 253;
/// The longest part between two periods, in bytes.
const LABEL_LIMIT: usize = 63;

/// Names that RFC 6761 and its like keep from public use, so that no mail gets there. `example.org`
/// and its siblings are not among them.
const SPECIAL_USE: [&str; 6] = ["arpa", "invalid", "local", "localhost", "onion", "test"];

/// A domain in the two forms that matter.
pub(super) struct Domain {
    /// As DNS knows it.
    pub(super) ascii: String,
    /// As people read it; the same for most.
    pub(super) unicode: String,
}

/// Checks a domain and brings it into its forms.
pub(super) fn check(domain: &str) -> Result<Domain, EmailError> {
    if domain.is_empty() {
        return Err(EmailError::EmptyDomain);
    }
    if let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Err(refusal_of_literal(literal));
    }
    // The work below grows with the square of the length, so this comes first.
    let excess = domain.chars().count().saturating_sub(DOMAIN_LIMIT);
    if excess > 0 {
        return Err(EmailError::DomainTooLong(excess));
    }
    refuse_characters(domain)?;
    let mapped = mapped(domain)?;
    if let Some(bad) = bad_characters(&mapped, is_host_character) {
        return Err(EmailError::NormalisedDomainCharacters(bad));
    }
    refuse_periods_and_hyphens(&mapped)?;

    let forms = forms(&mapped)?;
    refuse_lengths(&forms.ascii)?;
    if !forms.ascii.contains('.') {
        return Err(EmailError::NoPeriod);
    }
    if !forms.ascii.ends_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(EmailError::NoTopLevelDomain);
    }
    if SPECIAL_USE.contains(&forms.ascii.rsplit('.').next().unwrap_or_default()) {
        return Err(EmailError::SpecialUseDomain);
    }
    Ok(forms)
}

/// Bracketed addresses are never taken; the reason depends on what is in them.
fn refusal_of_literal(literal: &str) -> EmailError {
    let is_v4_like = |c: char| c.is_ascii_digit() || c == '.';
    let v6 = literal.get(..5).filter(|tag| tag.eq_ignore_ascii_case("ipv6:")).map(|_| &literal[5..]);
    if !literal.is_empty() && literal.chars().all(is_v4_like) {
        literal.parse::<Ipv4Addr>().map_or(EmailError::Ipv4Literal, |_| EmailError::AddressLiteral)
    } else if let Some(v6) = v6 {
        v6.parse::<Ipv6Addr>().map_or(EmailError::Ipv6Literal, |_| EmailError::AddressLiteral)
    } else if !literal.contains(':') {
        EmailError::UntaggedLiteral
    } else if let Some(bad) = bad_characters(literal, |c| matches!(c, '!'..='\u{fa}')) {
        EmailError::LiteralCharacters(bad)
    } else {
        EmailError::LiteralTag
    }
}

const fn is_host_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.') || !c.is_ascii()
}

fn refuse_characters(domain: &str) -> Result<(), EmailError> {
    if let Some(bad) = bad_characters(domain, is_host_character) {
        return Err(EmailError::DomainCharacters(bad));
    }
    refuse_unsafe(domain, false)?;
    match bad_characters(domain, may_be_mapped) {
        Some(bad) => Err(EmailError::DomainCharacters(bad)),
        None => Ok(()),
    }
}

/// Whether UTS #46 has any use for a character, roughly: named here, the error can say which one it
/// was. What decomposes to a period is out, except for the full-width one, which is a separator.
fn may_be_mapped(c: char) -> bool {
    match c {
        '\u{80}'..='\u{9f}' | '\u{2024}'..='\u{2026}' | '\u{2488}'..='\u{249b}' | '\u{fe52}' => false,
        '\u{2010}'..='\u{2027}' | '\u{202f}'..='\u{2060}' | '\u{ff0e}' => true,
        _ => !matches!(
            c.general_category(),
            GeneralCategory::Format
                | GeneralCategory::Unassigned
                | GeneralCategory::PrivateUse
                | GeneralCategory::Surrogate
                | GeneralCategory::SpaceSeparator
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        ),
    }
}

/// Resolves case, full-width forms and the other periods. Punycode stays what it is.
fn mapped(domain: &str) -> Result<String, EmailError> {
    let domain = domain.replace(['。', '．', '｡'], ".");
    if domain.is_ascii() {
        return Ok(domain.to_ascii_lowercase());
    }
    let label = |label: &str| {
        if label.is_ascii() {
            return Ok(label.to_ascii_lowercase());
        }
        let (mapped, outcome) =
            Uts46::new().to_unicode(label.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow);
        outcome.map(|()| mapped.into_owned()).map_err(|_| EmailError::UnmappableDomain)
    };
    let labels: Result<Vec<_>, _> = domain.split('.').map(label).collect();
    match labels {
        Ok(labels) => Ok(labels.join(".")),
        // A misplaced period says more than "invalid characters".
        Err(error) => Err(refuse_periods_and_hyphens(&domain).err().unwrap_or(error)),
    }
}

fn refuse_periods_and_hyphens(domain: &str) -> Result<(), EmailError> {
    let mut labels = domain.split('.');
    Err(if domain.ends_with('.') {
        EmailError::AtEnd("period")
    } else if domain.starts_with('.') {
        EmailError::AfterAt("period")
    } else if domain.contains("..") {
        EmailError::TwoPeriods
    } else if domain.ends_with('-') {
        EmailError::AtEnd("hyphen")
    } else if domain.starts_with('-') {
        EmailError::AfterAt("hyphen")
    } else if domain.contains(".-") || domain.contains("-.") {
        EmailError::PeriodBesideHyphen
    } else if labels.any(is_reserved) {
        EmailError::ReservedLabel
    } else {
        return Ok(());
    })
}

/// Two characters and two hyphens: kept for encodings, of which there is one.
fn is_reserved(label: &str) -> bool {
    let mut after_two = label.chars();
    after_two.by_ref().take(2).for_each(drop);
    after_two.as_str().starts_with("--") && !label.starts_with("xn")
}

fn forms(domain: &str) -> Result<Domain, EmailError> {
    if domain.is_ascii() && !domain.contains("xn--") {
        return Ok(Domain { ascii: domain.to_owned(), unicode: domain.to_owned() });
    }
    let uts46 = Uts46::new();
    let invalid = || EmailError::InvalidDomain("not valid IDNA".to_owned());
    let (unicode, outcome) = uts46.to_unicode(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Allow);
    outcome.map_err(|_| invalid())?;
    for label in unicode.split('.') {
        idna2008::check_label(label).map_err(EmailError::InvalidDomain)?;
    }
    refuse_unsafe(&unicode, false)?;
    let ascii = uts46
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Allow, DnsLength::Ignore)
        .map_err(|_| invalid())?;
    Ok(Domain { ascii: ascii.into_owned(), unicode: unicode.into_owned() })
}

fn refuse_lengths(ascii: &str) -> Result<(), EmailError> {
    if ascii.len() > DOMAIN_LIMIT {
        return Err(EmailError::AsciiDomainTooLong(ascii.len() - DOMAIN_LIMIT));
    }
    match ascii.split('.').find(|label| label.len() > LABEL_LIMIT) {
        Some(label) if label.starts_with("xn--") => {
            Err(EmailError::InvalidDomain("Label too long".to_owned()))
        }
        Some(label) => Err(EmailError::LabelTooLong(label.len() - LABEL_LIMIT)),
        None => Ok(()),
    }
}
