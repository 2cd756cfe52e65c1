//! A user's accounts at providers.

use super::super::{Caller, Services};
use crate::adapters::{Change, Conflict, OtherWayIn, StoreError};
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
        let found = accounts.into_iter().find(|account| account.provider == provider);
        let account = found.ok_or_else(|| OAuthError::AccountNotFound(provider.to_owned()))?;
        let mut changes = Vec::new();
        // A link to a provider that is not configured any more lets nobody in.
        if self.oauth.get(provider).is_some() && !self.settings.providers.magic_links {
            // Asked in the transaction: of two links that are removed at the same time one stays.
            changes.push(Change::RequireOtherWayIn(OtherWayIn {
                user: caller.user.id.clone(),
                besides: account.id.clone(),
                passwords: self.settings.providers.credentials,
                passkeys: self.settings.passkeys.is_some(),
                providers: self.oauth.ids(),
            }));
        }
        changes.push(Change::DeleteOAuthAccount(account.id));
        self.commit(changes).await.map_err(|error| match error {
            StoreError::Conflict(Conflict::LastWayIn) => OAuthError::LastWayIn.into(),
            other => other.into(),
        })
    }
}
