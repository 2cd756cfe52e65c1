//! What one request changes, as data, so that it can happen as a whole.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{OtherWayIn, StoreResult};
use crate::clock::Timestamp;
use crate::event::Event;
use crate::ids::{SessionId, UserId};
use crate::oauth_account::OAuthAccount;
use crate::passkey::{Passkey, PasskeyUse};
use crate::role::Role;
use crate::session::Session;
use crate::token::{Token, TokenKey, TokenKind};
use crate::user::{User, UserPatch};

/// When failures lock, and for how long. Seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockoutRule {
    /// Failures that lock.
    pub max_attempts: u32,
    /// How long a lock lasts.
    pub lockout_seconds: i64,
    /// How long a failure is remembered when no other follows.
    pub window_seconds: i64,
}

/// One change. The meaning of each is that of the adapter method of the same name.
#[derive(Clone, Debug)]
pub enum Change {
    /// See [`UserAdapter::create_user`](super::UserAdapter::create_user).
    CreateUser {
        /// The user.
        user: User,
        /// A PHC string.
        password_hash: Option<String>,
    },
    /// See [`UserAdapter::update_user`](super::UserAdapter::update_user).
    UpdateUser {
        /// Whom.
        id: UserId,
        /// What.
        patch: UserPatch,
        /// When.
        now: Timestamp,
    },
    /// See [`UserAdapter::set_hashed_password`](super::UserAdapter::set_hashed_password).
    SetPassword {
        /// Whose.
        id: UserId,
        /// A PHC string.
        hash: Option<String>,
        /// When.
        now: Timestamp,
    },
    /// See [`UserAdapter::delete_user`](super::UserAdapter::delete_user).
    DeleteUser {
        /// Whom.
        id: UserId,
        /// Whether the row is kept.
        soft: bool,
        /// When.
        now: Timestamp,
    },
    /// See [`TokenAdapter::create_token`](super::TokenAdapter::create_token).
    CreateToken(Token),
    /// Takes a token, or fails the whole list with
    /// [`Conflict::TokenSpent`](super::Conflict::TokenSpent).
    ConsumeToken {
        /// Which.
        key: TokenKey,
        /// Of what kind.
        kind: TokenKind,
        /// When.
        now: Timestamp,
    },
    /// See [`TokenAdapter::delete_token`](super::TokenAdapter::delete_token).
    DeleteToken(TokenKey),
    /// See [`TokenAdapter::delete_user_tokens`](super::TokenAdapter::delete_user_tokens).
    DeleteUserTokens {
        /// Whose.
        user: UserId,
        /// Of what kind; all if none.
        kind: Option<TokenKind>,
    },
    /// See [`SessionAdapter::create_session`](super::SessionAdapter::create_session).
    CreateSession(Session),
    /// Moves the end of a session. [`Conflict::SessionMissing`](super::Conflict::SessionMissing) if
    /// it was ended meanwhile.
    ExtendSession {
        /// Which.
        id: SessionId,
        /// The new end.
        expires_at: Timestamp,
    },
    /// See [`SessionAdapter::delete_session`](super::SessionAdapter::delete_session).
    DeleteSession(SessionId),
    /// See [`SessionAdapter::delete_user_sessions`](super::SessionAdapter::delete_user_sessions).
    DeleteUserSessions(UserId),
    /// See [`OAuthAccountAdapter::create_oauth_account`](super::OAuthAccountAdapter::create_oauth_account).
    CreateOAuthAccount(OAuthAccount),
    /// Changes nothing, but fails the whole list with
    /// [`Conflict::LastWayIn`](super::Conflict::LastWayIn) if there is no other way in.
    RequireOtherWayIn(OtherWayIn),
    /// See [`OAuthAccountAdapter::delete_oauth_account`](super::OAuthAccountAdapter::delete_oauth_account).
    DeleteOAuthAccount(String),
    /// See [`OAuthAccountAdapter::delete_user_oauth_accounts`](super::OAuthAccountAdapter::delete_user_oauth_accounts).
    DeleteUserOAuthAccounts(UserId),
    /// See [`RoleAdapter::create_role`](super::RoleAdapter::create_role).
    CreateRole(Role),
    /// Creates a role without permissions, unless there is one of that name.
    EnsureRole(String),
    /// See [`RoleAdapter::delete_role`](super::RoleAdapter::delete_role).
    DeleteRole(String),
    /// See [`RoleAdapter::add_permissions`](super::RoleAdapter::add_permissions).
    AddPermissions {
        /// The role.
        role: String,
        /// What is added.
        permissions: BTreeSet<String>,
    },
    /// See [`RoleAdapter::remove_permissions`](super::RoleAdapter::remove_permissions).
    RemovePermissions {
        /// The role.
        role: String,
        /// What is removed.
        permissions: BTreeSet<String>,
    },
    /// See [`RoleAdapter::assign_role`](super::RoleAdapter::assign_role).
    AssignRole {
        /// Whom.
        user: UserId,
        /// What.
        role: String,
    },
    /// See [`RoleAdapter::revoke_role`](super::RoleAdapter::revoke_role).
    RevokeRole {
        /// Whom.
        user: UserId,
        /// What.
        role: String,
    },
    /// See [`PasskeyAdapter::create_passkey`](super::PasskeyAdapter::create_passkey).
    CreatePasskey(Passkey),
    /// See [`PasskeyAdapter::update_passkey`](super::PasskeyAdapter::update_passkey).
    UpdatePasskey {
        /// Which.
        id: String,
        /// What the authenticator said.
        used: PasskeyUse,
        /// When.
        now: Timestamp,
    },
    /// See [`PasskeyAdapter::delete_passkey`](super::PasskeyAdapter::delete_passkey).
    DeletePasskey(String),
    /// See [`PasskeyAdapter::delete_user_passkeys`](super::PasskeyAdapter::delete_user_passkeys).
    DeleteUserPasskeys(UserId),
    /// See [`LoginAttemptAdapter::record_failure`](super::LoginAttemptAdapter::record_failure).
    RecordLoginFailure {
        /// For whom.
        keys: Vec<String>,
        /// When it locks.
        rule: LockoutRule,
        /// When it happened.
        now: Timestamp,
        /// Who is to be told if this failure locks the first of the keys.
        on_lock: Option<Announcement>,
    },
    /// See [`LoginAttemptAdapter::clear_attempts`](super::LoginAttemptAdapter::clear_attempts).
    ClearLoginAttempts(Vec<String>),
    /// Puts a sealed letter into the outbox.
    Post {
        /// Whose account it is about.
        user: UserId,
        /// See [`Sealer`](crate::tokens::Sealer).
        letter: String,
        /// When, in milliseconds since the Unix epoch.
        now_ms: i64,
    },
    /// Puts an event into the outbox, once for each plugin.
    Enqueue(Announcement),
}

/// An event, and who is to be told of it.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// What happened.
    pub event: Event,
    /// The plugins; [`EVERYBODY`](crate::event::EVERYBODY) for those that will listen when it is delivered.
    pub plugins: Vec<String>,
}

/// Makes changes as a whole.
#[async_trait]
pub trait Transactions: Send + Sync {
    /// Makes all changes, in order, or none. Returns when they are durable.
    ///
    /// # Errors
    /// The first [`Conflict`](super::Conflict), or the storage failed; either way nothing was changed.
    async fn commit(&self, changes: Vec<Change>) -> StoreResult<()>;
}
