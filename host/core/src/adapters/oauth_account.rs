//! FastAuth's `OAuthAccountAdapter`.

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::UserId;
use crate::oauth_account::OAuthAccount;

/// Where links between users and accounts at OAuth providers live.
#[async_trait]
pub trait OAuthAccountAdapter: Send + Sync {
    /// Stores a link.
    ///
    /// # Errors
    /// [`Conflict::OAuthAccountTaken`](super::Conflict::OAuthAccountTaken) if the provider account is
    /// linked already, to whomever; [`Conflict::UserMissing`](super::Conflict::UserMissing).
    async fn create_oauth_account(&self, account: OAuthAccount) -> StoreResult<()>;

    /// The link of a provider account.
    async fn get_oauth_account(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> StoreResult<Option<OAuthAccount>>;

    /// A user's links, the oldest first.
    async fn list_oauth_accounts(&self, user: &UserId) -> StoreResult<Vec<OAuthAccount>>;

    /// Removes a link by its id; nothing happens if there is none.
    async fn delete_oauth_account(&self, id: &str) -> StoreResult<()>;

    /// Removes all of a user's links.
    async fn delete_user_oauth_accounts(&self, user: &UserId) -> StoreResult<()>;
}
