//! The traits that the outside implements: where users, sessions and tokens live.
//!
//! They carry FastAuth's names and meanings. `hookgate-store` implements them over SQLite and in
//! memory, and its `conformance` module is the promise in executable form: an adapter of your own that
//! passes it works here. No trait knows of SQL.
//!
//! Reads go to the single adapters. What a request *changes* goes through [`Transactions`], as one
//! list of [`Change`]s that happens as a whole or not at all.

mod change;
mod email_transport;
mod error;
mod login_attempts;
mod oauth_account;
mod outbox;
mod passkey;
mod plugin_kv;
mod role;
mod sequential;
mod session;
mod session_backend;
mod signing_key;
mod token;
mod user;
mod way_in;

use std::sync::Arc;

pub use change::{Announcement, Change, LockoutRule, Transactions};
pub use email_transport::{EmailMessage, EmailTransport, Mailer, NoMailer, TransportError};
pub use error::{Conflict, StoreError};
pub use login_attempts::{LoginAttemptAdapter, LoginAttempts};
pub use oauth_account::OAuthAccountAdapter;
pub use outbox::{DeadDelivery, OutboxAdapter, OutboxStats};
pub use passkey::PasskeyAdapter;
pub use plugin_kv::{KvAnswer, KvChange, KvEffect, KvEntry, KvError, KvQuota, KvUsage, PluginKvAdapter};
pub use role::RoleAdapter;
pub use sequential::Sequential;
pub use session::SessionAdapter;
pub use session_backend::SessionBackend;
pub use signing_key::SigningKeyAdapter;
pub use token::TokenAdapter;
pub use user::UserAdapter;
pub use way_in::OtherWayIn;

/// What adapters answer.
pub type StoreResult<T> = Result<T, StoreError>;

/// Everything that the services need to remember things. Cheap to clone.
#[derive(Clone)]
pub struct Adapters {
    /// Users.
    pub users: Arc<dyn UserAdapter>,
    /// Sessions.
    pub sessions: Arc<dyn SessionAdapter>,
    /// Refresh and one-time tokens.
    pub tokens: Arc<dyn TokenAdapter>,
    /// Links to OAuth providers.
    pub oauth_accounts: Arc<dyn OAuthAccountAdapter>,
    /// Roles and permissions.
    pub roles: Arc<dyn RoleAdapter>,
    /// WebAuthn credentials.
    pub passkeys: Arc<dyn PasskeyAdapter>,
    /// Failed sign-ins.
    pub login_attempts: Arc<dyn LoginAttemptAdapter>,
    /// Short-lived state of flows that leave the site.
    pub backend: Arc<dyn SessionBackend>,
    /// The server's own signing keys.
    pub signing_keys: Arc<dyn SigningKeyAdapter>,
    /// Events and letters on their way.
    pub outbox: Arc<dyn OutboxAdapter>,
    /// What plugins remember.
    pub plugin_kv: Arc<dyn PluginKvAdapter>,
    /// Changes as a whole.
    pub transactions: Arc<dyn Transactions>,
}
