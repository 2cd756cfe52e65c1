//! From a change to the statements that make it: the table of contents of everything that is written.

use async_trait::async_trait;
use hookgate_core::adapters::{Change, StoreResult, Transactions};
use rusqlite::Connection;

use super::apply_error::Applied;
use super::database::Database;
use super::{login_attempts, oauth_accounts, outbox, passkeys, roles, sessions, tokens, users};

#[async_trait]
impl Transactions for Database {
    async fn commit(&self, changes: Vec<Change>) -> StoreResult<()> {
        if changes.is_empty() {
            return Ok(());
        }
        self.write(move |connection| changes.iter().try_for_each(|change| apply(connection, change))).await
    }
}

/// Makes one change, in the transaction of the writer.
fn apply(connection: &Connection, change: &Change) -> Applied {
    match change {
        Change::CreateUser { user, password_hash } => {
            users::create(connection, user, password_hash.as_deref())
        }
        Change::UpdateUser { id, patch, now } => users::update(connection, id, patch, *now),
        Change::SetPassword { id, hash, now } => users::set_password(connection, id, hash.as_deref(), *now),
        Change::DeleteUser { id, soft: true, now } => users::mark_deleted(connection, id, *now),
        Change::DeleteUser { id, soft: false, now: _ } => users::delete(connection, id),

        Change::CreateToken(token) => tokens::create(connection, token),
        Change::ConsumeToken { key, kind, now } => tokens::consume(connection, key, *kind, *now),
        Change::DeleteToken(key) => tokens::delete(connection, key),
        Change::DeleteUserTokens { user, kind } => tokens::delete_of_user(connection, user, *kind),

        Change::CreateSession(session) => sessions::create(connection, session),
        Change::ExtendSession { id, expires_at } => sessions::extend(connection, id, *expires_at),
        Change::DeleteSession(id) => sessions::delete(connection, id),
        Change::DeleteUserSessions(user) => sessions::delete_of_user(connection, user),

        Change::CreateOAuthAccount(account) => oauth_accounts::create(connection, account),
        Change::RequireOtherWayIn(asked) => oauth_accounts::require_other_way_in(connection, asked),
        Change::DeleteOAuthAccount(id) => oauth_accounts::delete(connection, id),
        Change::DeleteUserOAuthAccounts(user) => oauth_accounts::delete_of_user(connection, user),

        Change::CreateRole(role) => roles::create(connection, role),
        Change::EnsureRole(name) => roles::ensure(connection, name),
        Change::DeleteRole(name) => roles::delete(connection, name),
        Change::AddPermissions { role, permissions } => roles::add_permissions(connection, role, permissions),
        Change::RemovePermissions { role, permissions } => {
            roles::remove_permissions(connection, role, permissions)
        }
        Change::AssignRole { user, role } => roles::assign(connection, user, role),
        Change::RevokeRole { user, role } => roles::revoke(connection, user, role),

        Change::CreatePasskey(passkey) => passkeys::create(connection, passkey),
        Change::UpdatePasskey { id, used, now } => passkeys::update(connection, id, *used, *now),
        Change::DeletePasskey(id) => passkeys::delete(connection, id),
        Change::DeleteUserPasskeys(user) => passkeys::delete_of_user(connection, user),

        Change::RecordLoginFailure { keys, rule, now, on_lock } => {
            let locks = login_attempts::record_failure(connection, keys, *rule, *now)?;
            match on_lock {
                Some(announcement) if locks => outbox::enqueue(connection, announcement),
                _ => Ok(()),
            }
        }
        Change::ClearLoginAttempts(keys) => login_attempts::clear(connection, keys),

        Change::Enqueue(announcement) => outbox::enqueue(connection, announcement),
        Change::Post { user, letter, now_ms } => outbox::post(connection, user, letter, *now_ms),
    }
}
