//! Users.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::UserId;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Opaque and stable.
    pub id: UserId,
    /// Normalised (see [`crate::email`]); unique.
    pub email: String,
    /// The display name.
    pub name: Option<String>,
    /// The URL of a picture.
    pub image: Option<String>,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// False for a deactivated account, which can neither sign in nor use what it was issued.
    pub is_active: bool,
    /// When the account was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted, for accounts that are kept as deleted so that the address stays taken.
    pub deleted_at: Option<Timestamp>,
}

/// A user together with what proves a password. The hash is a PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Whose.
    pub user: User,
    /// None for users who sign in by other means.
    pub password_hash: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user.id).finish_non_exhaustive()
    }
}

/// A change of some of a user's fields; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// A new, normalised address.
    pub email: Option<String>,
    /// A new display name.
    pub name: Option<String>,
    /// A new picture.
    pub image: Option<String>,
    /// Whether the address is proven.
    pub email_verified: Option<bool>,
    /// Whether the account may be used.
    pub is_active: Option<bool>,
}
