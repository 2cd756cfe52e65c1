//! Users in memory.

use std::ops::Bound;

use async_trait::async_trait;
use hookgate_core::adapters::{Change, Conflict, StoreError, StoreResult, Transactions as _, UserAdapter};
use hookgate_core::clock::Timestamp;
use hookgate_core::ids::UserId;
use hookgate_core::user::{Credentials, User, UserPatch};

use super::memory_state::{Memory, State};

impl State {
    pub(super) fn require_user(&self, id: &UserId) -> StoreResult<()> {
        if self.users.contains(id) { Ok(()) } else { Err(Conflict::UserMissing.into()) }
    }

    fn user_by_email(&self, email: &str) -> Option<&Credentials> {
        self.emails.get(&email.to_owned()).and_then(|id| self.users.get(id))
    }

    pub(super) fn create_user(&mut self, user: User, password_hash: Option<String>) -> StoreResult<()> {
        if self.emails.contains(&user.email) {
            return Err(Conflict::EmailTaken.into());
        }
        if self.users.contains(&user.id) {
            return Err(StoreError::unavailable("a user of that id exists"));
        }
        self.emails.put(user.email.clone(), user.id.clone());
        self.users.put(user.id.clone(), Credentials { user, password_hash });
        Ok(())
    }

    pub(super) fn update_user(&mut self, id: &UserId, patch: UserPatch, now: Timestamp) -> StoreResult<()> {
        let Some(old) = self.users.get(id).map(|row| row.user.email.clone()) else {
            return Err(Conflict::UserMissing.into());
        };
        if let Some(new) = &patch.email {
            if self.emails.get(new).is_some_and(|holder| holder != id) {
                return Err(Conflict::EmailTaken.into());
            }
            self.emails.remove(&old);
            self.emails.put(new.clone(), id.clone());
        }
        self.users.update(id, |row| {
            let user = &mut row.user;
            user.email = patch.email.unwrap_or_else(|| std::mem::take(&mut user.email));
            user.name = patch.name.or_else(|| user.name.take());
            user.image = patch.image.or_else(|| user.image.take());
            user.email_verified = patch.email_verified.unwrap_or(user.email_verified);
            user.is_active = patch.is_active.unwrap_or(user.is_active);
            user.updated_at = now;
        });
        Ok(())
    }

    pub(super) fn set_password(
        &mut self,
        id: &UserId,
        hash: Option<String>,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.require_user(id)?;
        self.users.update(id, |row| {
            row.password_hash = hash;
            row.user.updated_at = now;
        });
        Ok(())
    }

    pub(super) fn mark_user_deleted(&mut self, id: &UserId, now: Timestamp) -> StoreResult<()> {
        self.require_user(id)?;
        self.users.update(id, |row| {
            row.user.is_active = false;
            row.user.deleted_at = Some(now);
            row.user.updated_at = now;
        });
        Ok(())
    }

    /// Removes a user and everything that refers to it.
    pub(super) fn delete_user(&mut self, id: &UserId) -> StoreResult<()> {
        let Some(row) = self.users.remove(id) else {
            return Err(Conflict::UserMissing.into());
        };
        self.emails.remove(&row.user.email);
        self.delete_user_sessions(id)?;
        self.delete_user_tokens(id, None)?;
        self.oauth_accounts.remove_where(usize::MAX, |_, account| account.user_id == *id);
        self.user_roles.remove_where(usize::MAX, |(holder, _), ()| holder == id);
        self.passkeys.remove_where(usize::MAX, |_, passkey| passkey.user_id == *id);
        Ok(())
    }
}

#[async_trait]
impl UserAdapter for Memory {
    async fn create_user(&self, user: User, password_hash: Option<String>) -> StoreResult<()> {
        self.commit(vec![Change::CreateUser { user, password_hash }]).await
    }

    async fn get_user_by_id(&self, id: &UserId) -> StoreResult<Option<User>> {
        self.look(|state| state.users.get(id).map(|row| row.user.clone()))
    }

    async fn get_user_by_email(&self, email: &str) -> StoreResult<Option<User>> {
        self.look(|state| state.user_by_email(email).map(|row| row.user.clone()))
    }

    async fn get_credentials_by_email(&self, email: &str) -> StoreResult<Option<Credentials>> {
        self.look(|state| state.user_by_email(email).cloned())
    }

    async fn get_hashed_password(&self, id: &UserId) -> StoreResult<Option<String>> {
        self.look(|state| state.users.get(id).and_then(|row| row.password_hash.clone()))
    }

    async fn list_users(&self, after: Option<&UserId>, limit: usize) -> StoreResult<Vec<User>> {
        let from = after.map_or(Bound::Unbounded, |id| Bound::Excluded(id.clone()));
        self.look(|state| {
            state.users.range((from, Bound::Unbounded)).take(limit).map(|(_, row)| row.user.clone()).collect()
        })
    }

    async fn update_user(&self, id: &UserId, patch: UserPatch, now: Timestamp) -> StoreResult<()> {
        self.commit(vec![Change::UpdateUser { id: id.clone(), patch, now }]).await
    }

    async fn set_hashed_password(
        &self,
        id: &UserId,
        hash: Option<String>,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.commit(vec![Change::SetPassword { id: id.clone(), hash, now }]).await
    }

    async fn delete_user(&self, id: &UserId, soft: bool, now: Timestamp) -> StoreResult<()> {
        self.commit(vec![Change::DeleteUser { id: id.clone(), soft, now }]).await
    }
}
