//! What a new password must look like. FastAuth's rules, in its order and with its texts.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// The operator's rules. Lengths count characters, not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "FastAuth's configuration has these four switches")]
pub struct PasswordPolicy {
    /// The shortest allowed.
    pub min_length: usize,
    /// The longest allowed.
    pub max_length: usize,
    /// Whether an ASCII upper-case letter is needed.
    pub require_uppercase: bool,
    /// Whether an ASCII lower-case letter is needed.
    pub require_lowercase: bool,
    /// Whether a decimal digit is needed, of any script as in FastAuth.
    pub require_digit: bool,
    /// Whether one of `!@#$%^&*(),.?":{}|<>` is needed.
    pub require_special: bool,
}

/// What counts as a special character.
const SPECIAL_CHARACTERS: &str = "!@#$%^&*(),.?\":{}|<>";

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self {
            min_length: 8,
            max_length: 128,
            require_uppercase: false,
            require_lowercase: false,
            require_digit: false,
            require_special: false,
        }
    }
}

/// The first rule that a password breaks. The text is FastAuth's and goes to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyViolation {
    /// Too short.
    #[error("Password must be at least {0} characters long")]
    TooShort(usize),
    /// Too long.
    #[error("Password must be at most {0} characters long")]
    TooLong(usize),
    /// No upper-case letter.
    #[error("Password must contain at least one uppercase letter")]
    NoUppercase,
    /// No lower-case letter.
    #[error("Password must contain at least one lowercase letter")]
    NoLowercase,
    /// No digit.
    #[error("Password must contain at least one digit")]
    NoDigit,
    /// No special character.
    #[error("Password must contain at least one special character")]
    NoSpecial,
}

impl PasswordPolicy {
    /// Checks a new password.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self, password: &str) -> Result<(), PolicyViolation> {
        let length = password.chars().count();
        let has = |class: fn(char) -> bool| password.chars().any(class);
        if length < self.min_length {
            Err(PolicyViolation::TooShort(self.min_length))
        } else if length > self.max_length {
            Err(PolicyViolation::TooLong(self.max_length))
        } else if self.require_uppercase && !has(|c| c.is_ascii_uppercase()) {
            Err(PolicyViolation::NoUppercase)
        } else if self.require_lowercase && !has(|c| c.is_ascii_lowercase()) {
            Err(PolicyViolation::NoLowercase)
        } else if self.require_digit && !has(is_digit) {
            Err(PolicyViolation::NoDigit)
        } else if self.require_special && !has(|c| SPECIAL_CHARACTERS.contains(c)) {
            Err(PolicyViolation::NoSpecial)
        } else {
            Ok(())
        }
    }
}

fn is_digit(c: char) -> bool {
    c.general_category() == GeneralCategory::DecimalNumber
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_characters() {
        let policy = PasswordPolicy::default();
        assert!(policy.check("ééééééé").is_err());
        assert!(policy.check("éééééééé").is_ok());
        assert!(policy.check(&"é".repeat(128)).is_ok());
        assert_eq!(policy.check(&"é".repeat(129)), Err(PolicyViolation::TooLong(128)));
    }

    #[test]
    fn rules_are_checked_in_order() {
        let policy = PasswordPolicy {
            require_uppercase: true,
            require_lowercase: true,
            require_digit: true,
            require_special: true,
            ..PasswordPolicy::default()
        };
        let cases = [
            ("short", PolicyViolation::TooShort(8)),
            ("longenough", PolicyViolation::NoUppercase),
            ("LONGENOUGH", PolicyViolation::NoLowercase),
            ("LongEnough", PolicyViolation::NoDigit),
            ("LongEnough1", PolicyViolation::NoSpecial),
        ];
        for (password, violation) in cases {
            assert_eq!(policy.check(password), Err(violation), "{password}");
        }
        assert!(policy.check("LongEnough1!").is_ok());
        assert!(policy.check("Ärger-ärger1").is_err(), "letters beyond ASCII don't count");
        assert!(policy.check("LongEnough\u{661}!").is_ok(), "digits do, as in FastAuth");
        assert_eq!(policy.check("LongEnough\u{b2}!"), Err(PolicyViolation::NoDigit), "a superscript is none");
    }
}
