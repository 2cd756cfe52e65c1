//! A user's accounts at providers.

use super::super::{Caller, Services};
use crate::adapters::Change;
use crate::error::AuthError;
use crate::oauth::OAuthError;
use crate::oauth_account::OAuthAccount;

impl Services {
    /// The caller's links, the oldest first.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn list_oauth_accounts(&self, caller: &Caller) -> Result<Vec<OAuthAccount>, AuthError> {
        Ok(self.adapters.oauth_accounts.list_oauth_accounts(&caller.user.id).await?)
    }

    /// Removes the caller's oldest link to a provider, unless nothing else lets them in.
    ///
    /// # Errors
    /// [`OAuthError::AccountNotFound`], [`OAuthError::LastWayIn`].
    pub async fn unlink_oauth_account(&self, caller: &Caller, provider: &str) -> Result<(), AuthError> {
        let accounts = self.list_oauth_accounts(caller).await?;
        let found = accounts.iter().find(|account| account.provider == provider);
        let account = found.ok_or_else(|| OAuthError::AccountNotFound(provider.to_owned()))?;
        let is_way_in = self.oauth.get(provider).is_some();
        let has_other_link =
            accounts.iter().any(|other| other.id != account.id && self.oauth.get(&other.provider).is_some());
        if is_way_in && !has_other_link && !self.has_own_way_in(caller).await? {
            return Err(OAuthError::LastWayIn.into());
        }
        self.commit(vec![Change::DeleteOAuthAccount(account.id.clone())]).await?;
        Ok(())
    }

    /// Whether the caller can sign in without any provider's help.
    async fn has_own_way_in(&self, caller: &Caller) -> Result<bool, AuthError> {
        let id = &caller.user.id;
        let providers = self.settings.providers;
        if providers.magic_links {
            return Ok(true);
        }
        if providers.credentials && self.adapters.users.get_hashed_password(id).await?.is_some() {
            return Ok(true);
        }
        Ok(!self.adapters.passkeys.list_passkeys(id).await?.is_empty())
    }
}
