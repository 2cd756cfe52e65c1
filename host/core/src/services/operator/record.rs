//! A user as it is written to and read from files.

use serde::{Deserialize, Serialize};

use super::{OAuthAccountRecord, PasskeyRecord};
use crate::clock::Timestamp;
use crate::user::User;

/// One line of an export. Only the address is needed for an import. Times are Unix seconds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserRecord {
    /// Kept by an import, so that what refers to the user still does. A new one if none.
    #[serde(default)]
    pub id: Option<String>,
    /// The address.
    pub email: String,
    /// The display name.
    #[serde(default)]
    pub name: Option<String>,
    /// The URL of a picture.
    #[serde(default)]
    pub image: Option<String>,
    /// Whether the address was proven.
    #[serde(default)]
    pub email_verified: bool,
    /// Whether the account may be used.
    #[serde(default = "active")]
    pub is_active: bool,
    /// When the account was created; now if none.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it was last changed; now if none.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// The roles' names.
    #[serde(default)]
    pub roles: Vec<String>,
    /// The passkeys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passkeys: Vec<PasskeyRecord>,
    /// See [`check_stored`](crate::passwords::check_stored). FastAuth's name for it is read as well.
    #[serde(default, alias = "hashed_password", skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// The accounts at OAuth providers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub oauth_accounts: Vec<OAuthAccountRecord>,
}

const fn active() -> bool {
    true
}

impl UserRecord {
    /// The record of a user without passkeys.
    #[must_use]
    pub fn new(user: User, roles: Vec<String>, password_hash: Option<String>) -> Self {
        let User { id, email, name, image, email_verified, is_active, created_at, updated_at, deleted_at } =
            user;
        Self {
            id: Some(id.0),
            email,
            name,
            image,
            email_verified,
            is_active,
            created_at: Some(created_at),
            updated_at: Some(updated_at),
            deleted_at,
            roles,
            passkeys: Vec::new(),
            password_hash,
            oauth_accounts: Vec::new(),
        }
    }
}

impl std::fmt::Debug for UserRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserRecord").field("id", &self.id).finish_non_exhaustive()
    }
}
