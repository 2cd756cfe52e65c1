//! Transactions over adapters that share no database.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;

use super::{
    Change, Conflict, LoginAttemptAdapter, OAuthAccountAdapter, OtherWayIn, PasskeyAdapter, RoleAdapter,
    SessionAdapter, StoreError, StoreResult, TokenAdapter, Transactions, UserAdapter,
};
use crate::role::Role;

/// Makes changes one by one, each through its adapter: for embedders whose users live in one place
/// (a directory, say) and whose tokens live in another.
///
/// What a real transaction gives is missing: a failure half-way leaves the changes before it in place.
/// The services put the change that may conflict first, so that a lost race still changes nothing.
/// What only the built-in stores know (the end of a session, the outbox) goes to `rest`.
pub struct Sequential {
    /// Users.
    pub users: Arc<dyn UserAdapter>,
    /// Sessions.
    pub sessions: Arc<dyn SessionAdapter>,
    /// Tokens.
    pub tokens: Arc<dyn TokenAdapter>,
    /// Links to OAuth providers.
    pub oauth_accounts: Arc<dyn OAuthAccountAdapter>,
    /// Roles.
    pub roles: Arc<dyn RoleAdapter>,
    /// Passkeys.
    pub passkeys: Arc<dyn PasskeyAdapter>,
    /// Failed sign-ins.
    pub login_attempts: Arc<dyn LoginAttemptAdapter>,
    /// Takes [`Change::ExtendSession`], [`Change::Enqueue`] and [`Change::Post`].
    pub rest: Arc<dyn Transactions>,
}

#[async_trait]
impl Transactions for Sequential {
    async fn commit(&self, changes: Vec<Change>) -> StoreResult<()> {
        for change in changes {
            self.apply(change).await?;
        }
        Ok(())
    }
}

impl Sequential {
    async fn apply(&self, change: Change) -> StoreResult<()> {
        match change {
            Change::CreateUser { user, password_hash } => self.users.create_user(user, password_hash).await,
            Change::UpdateUser { id, patch, now } => self.users.update_user(&id, patch, now).await,
            Change::SetPassword { id, hash, now } => self.users.set_hashed_password(&id, hash, now).await,
            Change::DeleteUser { id, soft, now } => self.users.delete_user(&id, soft, now).await,
            Change::CreateToken(token) => self.tokens.create_token(token).await,
            Change::ConsumeToken { key, kind, now } => self
                .tokens
                .consume_token(&key, kind, now)
                .await?
                .map(drop)
                .ok_or(StoreError::Conflict(Conflict::TokenSpent)),
            Change::DeleteToken(key) => self.tokens.delete_token(&key).await,
            Change::DeleteUserTokens { user, kind } => self.tokens.delete_user_tokens(&user, kind).await,
            Change::CreateSession(session) => self.sessions.create_session(session).await,
            Change::DeleteSession(id) => self.sessions.delete_session(&id).await,
            Change::DeleteUserSessions(user) => self.sessions.delete_user_sessions(&user).await,
            Change::CreateOAuthAccount(account) => self.oauth_accounts.create_oauth_account(account).await,
            Change::RequireOtherWayIn(asked) => self.require_other_way_in(&asked).await,
            Change::DeleteOAuthAccount(id) => self.oauth_accounts.delete_oauth_account(&id).await,
            Change::DeleteUserOAuthAccounts(user) => {
                self.oauth_accounts.delete_user_oauth_accounts(&user).await
            }
            Change::CreateRole(role) => self.roles.create_role(role).await,
            Change::EnsureRole(name) => {
                let role = Role { name, permissions: BTreeSet::new() };
                match self.roles.create_role(role).await {
                    Err(StoreError::Conflict(Conflict::RoleExists)) => Ok(()),
                    result => result,
                }
            }
            Change::DeleteRole(name) => self.roles.delete_role(&name).await,
            Change::AddPermissions { role, permissions } => {
                self.roles.add_permissions(&role, permissions).await
            }
            Change::RemovePermissions { role, permissions } => {
                self.roles.remove_permissions(&role, permissions).await
            }
            Change::AssignRole { user, role } => self.roles.assign_role(&user, &role).await,
            Change::RevokeRole { user, role } => self.roles.revoke_role(&user, &role).await,
            Change::CreatePasskey(passkey) => self.passkeys.create_passkey(passkey).await,
            Change::UpdatePasskey { id, used, now } => self.passkeys.update_passkey(&id, used, now).await,
            Change::DeletePasskey(id) => self.passkeys.delete_passkey(&id).await,
            Change::DeleteUserPasskeys(user) => self.passkeys.delete_user_passkeys(&user).await,
            Change::RecordLoginFailure { keys, rule, now, on_lock } => {
                let locks = self.login_attempts.record_failure(&keys, rule, now).await?;
                match on_lock.filter(|_| locks) {
                    Some(announcement) => self.rest.commit(vec![Change::Enqueue(announcement)]).await,
                    None => Ok(()),
                }
            }
            Change::ClearLoginAttempts(keys) => self.login_attempts.clear_attempts(&keys).await,
            change @ (Change::ExtendSession { .. } | Change::Enqueue(_) | Change::Post { .. }) => {
                self.rest.commit(vec![change]).await
            }
        }
    }

    async fn require_other_way_in(&self, asked: &OtherWayIn) -> StoreResult<()> {
        let user = &asked.user;
        let links = self.oauth_accounts.list_oauth_accounts(user).await?;
        let has_other_link =
            links.iter().any(|link| link.id != asked.besides && asked.providers.contains(&link.provider));
        let has_one = has_other_link
            || (asked.passwords && self.users.get_hashed_password(user).await?.is_some())
            || (asked.passkeys && !self.passkeys.list_passkeys(user).await?.is_empty());
        if has_one { Ok(()) } else { Err(Conflict::LastWayIn.into()) }
    }
}
