//! The account that a hook is about, and the passkeys it may have.

use serde::{Deserialize, Serialize};

/// An account, as stored at the moment of the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Opaque and stable; the `sub` of every token of this user.
    pub id: String,
    /// Normalised: trimmed and case-folded.
    pub email: String,
    /// The display name, if the user gave one.
    pub name: Option<String>,
    /// The URL of a picture, if there is one.
    pub image: Option<String>,
    /// Whether the user has proven that the address is theirs.
    pub email_verified: bool,
    /// False for a deactivated account.
    pub is_active: bool,
}

impl User {
    /// What follows the last `@` of the address; empty if there is none.
    ///
    /// ```
    /// let user = hookgate_plugin::testing::user("ada@example.com");
    /// assert_eq!(user.email_domain(), "example.com");
    /// ```
    pub fn email_domain(&self) -> &str {
        self.email.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// A registered WebAuthn credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// The credential id, base64url without padding.
    pub id: String,
    /// The id of the user it belongs to.
    pub user_id: String,
    /// The name that the user gave it.
    pub name: String,
    /// The authenticator's model, or the nil UUID.
    pub aaguid: String,
    /// The authenticator's signature counter.
    pub sign_count: u32,
    /// Seconds since the Unix epoch.
    pub created_at: u64,
    /// Seconds since the Unix epoch; none before the first use.
    pub last_used_at: Option<u64>,
}
