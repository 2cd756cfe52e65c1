//! What the server can do for its callers, one use case per file.
//!
//! Each reads top to bottom as what happens: check, ask the plugins, change everything in one
//! transaction, answer. No transaction is open while a plugin runs.

mod authenticate;
mod change_email;
mod change_password;
mod cleanup;
mod confirm_password;
mod delete_account;
mod deliver;
mod gate;
mod introspect;
mod login;
mod logout;
mod magic_link;
mod oauth;
mod one_time;
mod open_session;
pub mod operator;
mod passkeys;
mod profile;
mod refresh;
mod register;
mod register_quietly;
mod reset_password;
mod roles;
mod service_token;
mod sessions;
mod sign_ins;
mod verify_email;

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

pub use authenticate::Caller;
pub use introspect::Introspection;
pub use login::Login;
pub use oauth::{Authorization, OAuthReturn, Returned};
pub use open_session::{SessionToken, SignedIn, TokenPair};
pub use profile::UpdateProfile;
pub use register::Register;
pub use roles::{Administrator, Rights};
pub use service_token::ServiceToken;
pub use sign_ins::SignInCount;

use crate::adapters::{Adapters, Announcement, Change, Mailer, StoreResult};
use crate::clock::Clock;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{HookChain, Hooks};
use crate::ids::UserId;
use crate::oauth::OAuthProviders;
use crate::passwords::PasswordHasher;
use crate::settings::Settings;
use crate::tokens::{Sealer, TokenSigner};

/// What [`Services`] are made of.
pub struct Parts {
    /// Where things are remembered.
    pub adapters: Adapters,
    /// Whom to ask.
    pub hooks: Arc<dyn Hooks>,
    /// Hashes passwords.
    pub hasher: PasswordHasher,
    /// Sends letters.
    pub mailer: Arc<dyn Mailer>,
    /// Whose word is taken for who somebody is.
    pub oauth: OAuthProviders,
    /// Signs tokens.
    pub signer: TokenSigner,
    /// Encrypts what waits in storage.
    pub sealer: Sealer,
    /// The operator's choices.
    pub settings: Settings,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases.
pub struct Services {
    adapters: Adapters,
    hooks: Arc<dyn Hooks>,
    hasher: PasswordHasher,
    mailer: Arc<dyn Mailer>,
    oauth: OAuthProviders,
    signer: TokenSigner,
    sealer: Sealer,
    settings: Settings,
    clock: Arc<dyn Clock>,
    outbox_changed: Notify,
    /// Deliveries that were made and of which the storage does not know yet.
    unnoted: Mutex<Vec<i64>>,
    sign_ins: sign_ins::SignIns,
}

impl Services {
    /// Services over these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { adapters, hooks, hasher, mailer, oauth, signer, sealer, settings, clock } = parts;
        let outbox_changed = Notify::new();
        let sign_ins = sign_ins::SignIns::default();
        Self {
            adapters,
            hooks,
            hasher,
            mailer,
            oauth,
            signer,
            sealer,
            settings,
            clock,
            outbox_changed,
            unnoted: Mutex::default(),
            sign_ins,
        }
    }

    /// The operator's choices.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The time by which everything is judged.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// What signs and verifies tokens.
    #[must_use]
    pub const fn signer(&self) -> &TokenSigner {
        &self.signer
    }

    /// Whether requests can be served.
    ///
    /// # Errors
    /// The storage does not answer.
    pub async fn ready(&self) -> Result<(), AuthError> {
        self.adapters.users.get_user_by_id(&UserId::from("readiness-probe")).await?;
        Ok(())
    }

    /// Makes changes as a whole, and wakes the delivery if there is something to deliver among them.
    async fn commit(&self, changes: Vec<Change>) -> StoreResult<()> {
        let has_parcels = changes.iter().any(|change| {
            matches!(
                change,
                Change::Enqueue(_)
                    | Change::Post { .. }
                    | Change::RecordLoginFailure { on_lock: Some(_), .. }
            )
        });
        self.adapters.transactions.commit(changes).await?;
        if has_parcels {
            self.outbox_changed.notify_one();
        }
        Ok(())
    }
}

/// The change that tells plugins of an event; none if no plugin listens.
fn enqueue(chain: &dyn HookChain, event: Event) -> Option<Change> {
    announcement(chain, event).map(Change::Enqueue)
}

/// An event with the plugins that listen, if any does.
fn announcement(chain: &dyn HookChain, event: Event) -> Option<Announcement> {
    let plugins = chain.implementers(event.hook);
    (!plugins.is_empty()).then(|| Announcement { event, plugins: plugins.to_vec() })
}
