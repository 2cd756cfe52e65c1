//! From a change to what it does to the state.

use hookgate_core::adapters::{Change, StoreResult};

use super::memory_state::State;

impl State {
    /// Makes one change.
    pub(super) fn apply(&mut self, change: Change) -> StoreResult<()> {
        match change {
            Change::CreateUser { user, password_hash } => self.create_user(user, password_hash),
            Change::UpdateUser { id, patch, now } => self.update_user(&id, patch, now),
            Change::SetPassword { id, hash, now } => self.set_password(&id, hash, now),
            Change::DeleteUser { id, soft: true, now } => self.mark_user_deleted(&id, now),
            Change::DeleteUser { id, soft: false, now: _ } => self.delete_user(&id),

            Change::CreateToken(token) => self.create_token(token),
            Change::ConsumeToken { key, kind, now } => self.consume_token(&key, kind, now),
            Change::DeleteToken(key) => self.delete_token(&key),
            Change::DeleteUserTokens { user, kind } => self.delete_user_tokens(&user, kind),

            Change::CreateSession(session) => self.create_session(session),
            Change::ExtendSession { id, expires_at } => self.extend_session(&id, expires_at),
            Change::DeleteSession(id) => self.delete_session(&id),
            Change::DeleteUserSessions(user) => self.delete_user_sessions(&user),

            Change::CreateOAuthAccount(account) => self.create_oauth_account(account),
            Change::RequireOtherWayIn(asked) => self.require_other_way_in(&asked),
            Change::DeleteOAuthAccount(id) => self.delete_oauth_account(&id),
            Change::DeleteUserOAuthAccounts(user) => self.delete_user_oauth_accounts(&user),

            Change::CreateRole(role) => self.create_role(role),
            Change::EnsureRole(name) => {
                self.ensure_role(name);
                Ok(())
            }
            Change::DeleteRole(name) => self.delete_role(&name),
            Change::AddPermissions { role, permissions } => self.add_permissions(&role, permissions),
            Change::RemovePermissions { role, permissions } => self.remove_permissions(&role, &permissions),
            Change::AssignRole { user, role } => self.assign_role(user, role),
            Change::RevokeRole { user, role } => self.revoke_role(user, role),

            Change::CreatePasskey(passkey) => self.create_passkey(passkey),
            Change::UpdatePasskey { id, used, now } => self.update_passkey(&id, used, now),
            Change::DeletePasskey(id) => self.delete_passkey(&id),
            Change::DeleteUserPasskeys(user) => self.delete_user_passkeys(&user),

            Change::RecordLoginFailure { keys, rule, now, on_lock } => {
                let locks = self.record_failure(keys, rule, now)?;
                match on_lock {
                    Some(announcement) if locks => self.enqueue(announcement),
                    _ => Ok(()),
                }
            }
            Change::ClearLoginAttempts(keys) => self.clear_attempts(&keys),

            Change::Enqueue(announcement) => self.enqueue(announcement),
            Change::Post { user, letter, now_ms } => {
                self.put_parcel(hookgate_core::event::Parcel::Letter(letter), user, now_ms);
                Ok(())
            }
        }
    }
}
