//! All tables, and the lock around them.

use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use hookgate_core::adapters::{Change, KvEntry, StoreError, StoreResult, Transactions};
use hookgate_core::ids::{SessionId, UserId};
use hookgate_core::oauth_account::OAuthAccount;
use hookgate_core::passkey::Passkey;
use hookgate_core::role::Role;
use hookgate_core::session::Session;
use hookgate_core::signing_key::SigningKey;
use hookgate_core::token::{Token, TokenKey};
use hookgate_core::user::Credentials;

use super::rows::{OutboxRow, StateEntry};
use super::table::{Table, Undo};
use crate::lockout::AttemptRecord;

/// What is remembered. The files of the nouns say what is done with it.
#[derive(Default)]
pub(super) struct State {
    pub(super) users: Table<UserId, Credentials>,
    pub(super) emails: Table<String, UserId>,
    pub(super) sessions: Table<SessionId, Session>,
    pub(super) session_keys: Table<TokenKey, SessionId>,
    pub(super) tokens: Table<TokenKey, Token>,
    pub(super) oauth_accounts: Table<String, OAuthAccount>,
    pub(super) roles: Table<String, Role>,
    pub(super) user_roles: Table<(UserId, String), ()>,
    pub(super) passkeys: Table<String, Passkey>,
    pub(super) login_attempts: Table<String, AttemptRecord>,
    pub(super) entries: Table<String, StateEntry>,
    pub(super) signing_keys: Table<i64, SigningKey>,
    pub(super) outbox: Table<i64, OutboxRow>,
    /// By plugin and key.
    pub(super) plugin_kv: Table<(String, String), KvEntry>,
    /// The id of the latest delivery. Not undone: an id is never given twice.
    pub(super) last_delivery: i64,
}

impl State {
    fn tables(&mut self) -> [&mut dyn Undo; 14] {
        // Taken apart by name, so that a new table can't be forgotten here.
        let Self {
            users,
            emails,
            sessions,
            session_keys,
            tokens,
            oauth_accounts,
            roles,
            user_roles,
            passkeys,
            login_attempts,
            entries,
            signing_keys,
            outbox,
            plugin_kv,
            last_delivery: _,
        } = self;
        [
            users,
            emails,
            sessions,
            session_keys,
            tokens,
            oauth_accounts,
            roles,
            user_roles,
            passkeys,
            login_attempts,
            entries,
            signing_keys,
            outbox,
            plugin_kv,
        ]
    }
}

/// The state behind its lock. Every adapter trait is implemented on it.
#[derive(Default)]
pub(super) struct Memory(Mutex<State>);

impl Memory {
    pub(super) fn look<T>(&self, read: impl FnOnce(&State) -> T) -> StoreResult<T> {
        Ok(read(&*self.lock()?))
    }

    /// Makes changes as a whole: an error undoes them.
    pub(super) fn change<T>(&self, work: impl FnOnce(&mut State) -> StoreResult<T>) -> StoreResult<T> {
        let mut state = self.lock()?;
        let result = work(&mut state);
        for table in state.tables() {
            if result.is_ok() {
                table.keep();
            } else {
                table.roll_back();
            }
        }
        result
    }

    fn lock(&self) -> StoreResult<MutexGuard<'_, State>> {
        // After a panic half-way nobody knows what holds.
        self.0.lock().map_err(|_| StoreError::unavailable("a panic left the state half changed"))
    }
}

#[async_trait]
impl Transactions for Memory {
    async fn commit(&self, changes: Vec<Change>) -> StoreResult<()> {
        self.change(|state| changes.into_iter().try_for_each(|change| state.apply(change)))
    }
}
