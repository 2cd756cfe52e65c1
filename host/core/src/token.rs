//! Tokens that the server remembers. Their secrets are never stored, only digests of them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::ids::{SessionId, UserId};

/// The SHA-256 digest under which a token is stored. What leaks from a database can't be presented.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenKey(pub [u8; 32]);

impl TokenKey {
    /// The key of a secret (a one-time token, a session token, a refresh token's `jti`).
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// The key as text, for what refers to it.
    #[must_use]
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(…)")
    }
}

/// What a stored token is good for. A token of one kind never passes as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A refresh token's `jti` (FastAuth's `refresh_jti`).
    Refresh,
    /// Proves an address.
    Verification,
    /// Sets a new password.
    PasswordReset,
    /// Confirms a new address.
    EmailChange,
    /// Signs in.
    MagicLink,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Refresh, Self::Verification, Self::PasswordReset, Self::EmailChange, Self::MagicLink];

    /// The name in storage, as FastAuth writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refresh => "refresh_jti",
            Self::Verification => "verification",
            Self::PasswordReset => "password_reset",
            Self::EmailChange => "email_change",
            Self::MagicLink => "magic_link_login_request",
        }
    }

    /// The kind of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A token as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// The digest of the secret.
    pub key: TokenKey,
    /// What it is good for.
    pub kind: TokenKind,
    /// Whose it is.
    pub user_id: UserId,
    /// The session it belongs to; it ends with it.
    pub session_id: Option<SessionId>,
    /// What its kind needs to remember (`null` if nothing).
    pub data: Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// The first second in which it is no longer good.
    pub expires_at: Timestamp,
}
