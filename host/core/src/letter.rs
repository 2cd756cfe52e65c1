//! Letters: mails before they are written out. A transport's side renders them.

use serde::{Deserialize, Serialize};

/// What a letter is about. The names are FastAuth's templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// Prove the address.
    Verification,
    /// Set a new password.
    PasswordReset,
    /// Prove the new address. Goes there.
    EmailChange,
    /// The address was changed. Goes to the old one.
    EmailChanged,
    /// Sign in.
    MagicLinkLogin,
    /// Somebody registered with an address that has an account. With a link that sets a new password.
    AccountExists,
}

impl LetterKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Verification,
        Self::PasswordReset,
        Self::EmailChange,
        Self::EmailChanged,
        Self::MagicLinkLogin,
        Self::AccountExists,
    ];

    /// The template's name without its ending.
    #[must_use]
    pub const fn template(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::PasswordReset => "password_reset",
            Self::EmailChange => "email_change",
            Self::EmailChanged => "email_changed",
            Self::MagicLinkLogin => "magic_link_login",
            Self::AccountExists => "account_exists",
        }
    }

    /// The subject, FastAuth's where it has such a mail.
    #[must_use]
    pub const fn subject(self) -> &'static str {
        match self {
            Self::Verification => "Verify your email address",
            Self::PasswordReset => "Reset your password",
            Self::EmailChange => "Confirm your new email address",
            Self::EmailChanged => "Your email address was changed",
            Self::MagicLinkLogin => "Log In to your account",
            Self::AccountExists => "You already have an account",
        }
    }
}

/// One letter. It may carry a link that signs in, so it is sealed while it waits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// What it is about.
    pub kind: LetterKind,
    /// The recipient's address.
    pub to: String,
    /// How to address the recipient: the name, or the address where there is none.
    pub name: String,
    /// The link.
    pub url: Option<String>,
    /// How long the link is good.
    pub expires_in_minutes: Option<i64>,
    /// The address that is to be, or was, set.
    pub new_email: Option<String>,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Letter").field("kind", &self.kind).finish_non_exhaustive()
    }
}
