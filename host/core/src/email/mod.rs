//! E-mail addresses: which ones are accepted, and the one form in which they are stored and compared.
//!
//! The rules and the texts are those of FastAuth's validators (pydantic over email-validator, without
//! DNS), so that the same addresses are taken and refused with the same reasons. What counts as an
//! address is narrower than RFC 5322: no quoted local part, no bracketed IP address, no special-use
//! domain, no character that would make two addresses look alike on screen.

mod characters;
mod domain;
mod idna2008;
mod local_part;
mod split;

use std::fmt;

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization as _;

/// An accepted address in its one form: without surrounding blanks and display name, the local part
/// case-folded, the domain in lower-case Unicode, all of it in NFC. Parsing it again gives it back.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// The longest input that is looked at, in characters. A display name may take most of it.
const INPUT_LIMIT: usize = 2048;
/// The longest address, in bytes (RFC 3696, erratum 1690).
const ADDRESS_LIMIT: usize = 254;
/// The longest local part, in characters (RFC 5321 section 4.5.3.1.1).
const LOCAL_PART_LIMIT: usize = 64;

impl EmailAddress {
    /// Reads what a user typed.
    ///
    /// # Errors
    /// The first rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        if text.chars().nth(INPUT_LIMIT).is_some() {
            return Err(EmailError::InputTooLong);
        }
        if text.contains(['\r', '\n']) {
            return Err(EmailError::LineBreak);
        }
        let spec = characters::strip(split::without_display_name(text));
        let parts = split::split(spec)?;

        let local = local_part::check(&parts)?;
        let length = |local: &str| local.chars().count();
        let too_many = length(&local).max(length(&folded(&local))).saturating_sub(LOCAL_PART_LIMIT);
        if too_many > 0 {
            return Err(EmailError::LocalPartTooLong(too_many));
        }
        let domain = domain::check(&parts.domain)?;

        let original = format!("{}@{}", parts.local_as_written, parts.domain);
        let excess = |address: &str| address.len().saturating_sub(ADDRESS_LIMIT);
        if excess(&original) > 0 {
            return Err(EmailError::AddressTooLong(too_many_bytes(&original, excess(&original))));
        }
        let in_dns = format!("{local}@{}", domain.ascii);
        let normalised = format!("{}@{}", folded(&local), domain.unicode);
        let longest = excess(&normalised).max(excess(&format!("{local}@{}", domain.unicode)));
        if longest > 0 {
            return Err(EmailError::NormalisedTooLong(longest));
        }
        if excess(&in_dns) > 0 {
            return Err(EmailError::AsciiTooLong(excess(&in_dns)));
        }
        if parts.has_display_name {
            return Err(EmailError::DisplayName);
        }
        Ok(Self(normalised))
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as text, taken out.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EmailAddress {
    // Addresses don't belong into logs, and `{:?}` is how they would get there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

/// Folds the local part alone. The domain is in the form that DNS compares already; folding it again
/// would make `straße.de` out of one owner's hands `strasse.de` in another's.
fn folded(local: &str) -> String {
    let mut folded: String = local.to_owned();
    // Composing may bring back a character that folds once more; a few rounds reach the end.
    for _ in 0..4 {
        let next: String = UniCase::new(&folded).to_folded_case().nfc().collect();
        if next == folded {
            break;
        }
        folded = next;
    }
    folded
}

/// How much shorter an address must become. Bytes are counted but people delete characters, so for
/// an address with wide ones it is a range.
fn too_many_bytes(address: &str, excess: usize) -> String {
    let widest = address.chars().map(char::len_utf8).max().unwrap_or(1);
    let least = (excess / widest).max(1);
    let plural = characters::plural(excess);
    if least == excess {
        format!("({excess} character{plural} too many)")
    } else {
        format!("({least}-{excess} character{plural} too many)")
    }
}

/// Why a text is not taken as an address. The texts are email-validator's, which follow
/// `value is not a valid email address: `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// More than 2048 characters.
    #[error("Length must not exceed {INPUT_LIMIT} characters")]
    InputTooLong,
    /// A line break anywhere.
    #[error("Carriage return and line feed characters are not allowed")]
    LineBreak,

    /// No `@` outside of quotes.
    #[error("An email address must have an @-sign.")]
    NoAtSign,
    /// `＠` instead of `@`.
    #[error("The email address has the \"full-width\" at-sign (@) character instead of a regular at-sign.")]
    FullWidthAtSign,
    /// `﹫` instead of `@`.
    #[error("The email address has the \"small commercial at\" character instead of a regular at-sign.")]
    SmallAtSign,
    /// `"a"b@…`
    #[error("Extra character(s) found after close quote: {0}")]
    AfterClosingQuote(String),
    /// A display name that would have to be quoted.
    #[error("The display name contains invalid characters when not quoted: {0}.")]
    UnquotedDisplayName(String),
    /// `<` without `>`.
    #[error(
        "An open angle bracket at the start of the email address has to be followed by a close angle bracket at the end."
    )]
    OpenAngleBracket,
    /// `<a@example.org> b`
    #[error("There can't be anything after the email address.")]
    AfterAngleBracket,
    /// A display name in a form that is not taken as one.
    #[error("A display name and angle brackets around the email address are not permitted here.")]
    DisplayName,

    /// `@example.org`
    #[error("There must be something before the @-sign.")]
    EmptyLocalPart,
    /// Characters that no local part has.
    #[error("The email address contains invalid characters before the @-sign: {0}.")]
    LocalPartCharacters(String),
    /// Characters that no quoted local part has.
    #[error("The email address contains invalid characters in quotes before the @-sign: {0}.")]
    QuotedCharacters(String),
    /// Invisible, unassigned or combining characters, in either part.
    #[error("The email address contains unsafe characters: {0}.")]
    UnsafeCharacters(String),
    /// `.a@…`
    #[error("An email address cannot start with a period.")]
    LeadingPeriod,
    /// `a.@…`
    #[error("An email address cannot have a period immediately before the @-sign.")]
    PeriodBeforeAt,
    /// `a..b`, in either part.
    #[error("An email address cannot have two periods in a row.")]
    TwoPeriods,
    /// `"a"@…`
    #[error("Quoting the part before the @-sign is not allowed here.")]
    QuotedLocalPart,
    /// A local part that is fine as written but not in NFC.
    #[error("After Unicode normalization: {0}")]
    AfterNormalisation(Box<EmailError>),

    /// `a@`
    #[error("There must be something after the @-sign.")]
    EmptyDomain,
    /// `a@[127.0.0.1]`
    #[error("A bracketed IP address after the @-sign is not allowed here.")]
    AddressLiteral,
    /// `a@[127.0.0.256]`
    #[error(
        "The address in brackets after the @-sign is not valid: It is not an IPv4 address or is missing an address literal tag."
    )]
    Ipv4Literal,
    /// `a@[IPv6:x]`
    #[error("The IPv6 address in brackets after the @-sign is not valid.")]
    Ipv6Literal,
    /// `a@[x]`
    #[error("The part after the @-sign in brackets is not an IPv4 address and has no address literal tag.")]
    UntaggedLiteral,
    /// Characters that no bracketed address has.
    #[error("The part after the @-sign contains invalid characters in brackets: {0}.")]
    LiteralCharacters(String),
    /// `a@[x:y]`
    #[error("The part after the @-sign contains an invalid address literal tag in brackets.")]
    LiteralTag,
    /// Characters that no domain has.
    #[error("The part after the @-sign contains invalid characters: {0}.")]
    DomainCharacters(String),
    /// The same, once full-width forms and the like are resolved.
    #[error("The part after the @-sign contains invalid characters after Unicode normalization: {0}.")]
    NormalisedDomainCharacters(String),
    /// A character that UTS #46 maps to nothing valid.
    #[error("The part after the @-sign contains invalid characters.")]
    UnmappableDomain,
    /// `a@.b`
    #[error("An email address cannot have a {0} immediately after the @-sign.")]
    AfterAt(&'static str),
    /// `a@b.`
    #[error("An email address cannot end with a {0}.")]
    AtEnd(&'static str),
    /// `a@b.-c`
    #[error("An email address cannot have a period and a hyphen next to each other.")]
    PeriodBesideHyphen,
    /// `a@bc--d.org`
    #[error(
        "An email address cannot have two letters followed by two dashes immediately after the @-sign or after a period, except Punycode."
    )]
    ReservedLabel,
    /// A domain that can't be registered.
    #[error("The part after the @-sign is invalid ({0}).")]
    InvalidDomain(String),
    /// `a@org`
    #[error("The part after the @-sign is not valid. It should have a period.")]
    NoPeriod,
    /// `a@127.0.0.1`
    #[error("The part after the @-sign is not valid. It is not within a valid top-level domain.")]
    NoTopLevelDomain,
    /// `a@b.test`
    #[error("The part after the @-sign is a special-use or reserved name that cannot be used with email.")]
    SpecialUseDomain,

    /// More than 64 characters before the @-sign, which mail servers need not take.
    #[error(
        "The email address is too long before the @-sign ({0} character{plural} too many).",
        plural = characters::plural(*.0)
    )]
    LocalPartTooLong(usize),
    /// More than 253 characters of domain.
    #[error(
        "The email address is too long after the @-sign ({0} character{plural} too many).",
        plural = characters::plural(*.0)
    )]
    DomainTooLong(usize),
    /// More than 253 bytes of domain in DNS.
    #[error(
        "The email address is too long after the @-sign ({0} byte{plural} too many after IDNA encoding).",
        plural = characters::plural(*.0)
    )]
    AsciiDomainTooLong(usize),
    /// More than 63 bytes between two periods.
    #[error(
        "After the @-sign, periods cannot be separated by so many characters ({0} character{plural} too many).",
        plural = characters::plural(*.0)
    )]
    LabelTooLong(usize),
    /// Too long as written.
    #[error("The email address is too long {0}.")]
    AddressTooLong(String),
    /// Too long in the form that is stored.
    #[error(
        "The email address is too long after normalization ({0} byte{plural} too many).",
        plural = characters::plural(*.0)
    )]
    NormalisedTooLong(usize),
    /// Too long in the form that mail servers exchange.
    #[error(
        "The email address is too long when the part after the @-sign is converted to IDNA ASCII ({0} byte{plural} too many).",
        plural = characters::plural(*.0)
    )]
    AsciiTooLong(usize),
}

#[cfg(test)]
mod tests;
