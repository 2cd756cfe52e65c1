//! Links to OAuth providers in memory.

use async_trait::async_trait;
use hookgate_core::adapters::{
    Change, Conflict, OAuthAccountAdapter, OtherWayIn, StoreError, StoreResult, Transactions as _,
};
use hookgate_core::ids::UserId;
use hookgate_core::oauth_account::OAuthAccount;

use super::memory_state::{Memory, State};

impl State {
    fn oauth_account(&self, provider: &str, provider_account_id: &str) -> Option<&OAuthAccount> {
        self.oauth_accounts.values().find(|account| {
            account.provider == provider && account.provider_account_id == provider_account_id
        })
    }

    pub(super) fn create_oauth_account(&mut self, account: OAuthAccount) -> StoreResult<()> {
        if self.oauth_account(&account.provider, &account.provider_account_id).is_some() {
            return Err(Conflict::OAuthAccountTaken.into());
        }
        self.require_user(&account.user_id)?;
        if self.oauth_accounts.contains(&account.id) {
            return Err(StoreError::unavailable("an OAuth account of that id exists"));
        }
        self.oauth_accounts.put(account.id.clone(), account);
        Ok(())
    }

    pub(super) fn require_other_way_in(&self, asked: &OtherWayIn) -> StoreResult<()> {
        let user = &asked.user;
        let has_other_link = self.oauth_accounts.values().any(|link| {
            link.user_id == *user && link.id != asked.besides && asked.providers.contains(&link.provider)
        });
        let has_one = has_other_link
            || (asked.passwords && self.users.get(user).is_some_and(|row| row.password_hash.is_some()))
            || (asked.passkeys && self.passkeys.values().any(|passkey| passkey.user_id == *user));
        if has_one { Ok(()) } else { Err(Conflict::LastWayIn.into()) }
    }

    pub(super) fn delete_oauth_account(&mut self, id: &String) -> StoreResult<()> {
        self.oauth_accounts.remove(id);
        Ok(())
    }

    pub(super) fn delete_user_oauth_accounts(&mut self, user: &UserId) -> StoreResult<()> {
        self.oauth_accounts.remove_where(usize::MAX, |_, account| account.user_id == *user);
        Ok(())
    }
}

#[async_trait]
impl OAuthAccountAdapter for Memory {
    async fn create_oauth_account(&self, account: OAuthAccount) -> StoreResult<()> {
        self.commit(vec![Change::CreateOAuthAccount(account)]).await
    }

    async fn get_oauth_account(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> StoreResult<Option<OAuthAccount>> {
        self.look(|state| state.oauth_account(provider, provider_account_id).cloned())
    }

    async fn list_oauth_accounts(&self, user: &UserId) -> StoreResult<Vec<OAuthAccount>> {
        let mut accounts: Vec<OAuthAccount> = self.look(|state| {
            state.oauth_accounts.values().filter(|account| account.user_id == *user).cloned().collect()
        })?;
        // Stable: of the same second in the order of their ids.
        accounts.sort_by_key(|account| account.created_at);
        Ok(accounts)
    }

    async fn delete_oauth_account(&self, id: &str) -> StoreResult<()> {
        self.commit(vec![Change::DeleteOAuthAccount(id.to_owned())]).await
    }

    async fn delete_user_oauth_accounts(&self, user: &UserId) -> StoreResult<()> {
        self.commit(vec![Change::DeleteUserOAuthAccounts(user.clone())]).await
    }
}
