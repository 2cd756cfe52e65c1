//! Accounts at OAuth providers that are linked to users.

use crate::clock::Timestamp;
use crate::ids::UserId;

/// A link between a user and an account at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthAccount {
    /// Opaque.
    pub id: String,
    /// The provider's id, as in the routes (`google`).
    pub provider: String,
    /// The account's id at the provider; unique together with `provider`.
    pub provider_account_id: String,
    /// Whose account it is.
    pub user_id: UserId,
    /// The provider's access token, only where the operator asked to keep it; already encrypted.
    pub access_token: Option<String>,
    /// The provider's refresh token, likewise.
    pub refresh_token: Option<String>,
    /// When the provider's access token ends.
    pub expires_at: Option<Timestamp>,
    /// When the link was made.
    pub created_at: Timestamp,
}
