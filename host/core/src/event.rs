//! Events: facts about users that plugins are told of.
//!
//! An event is written to the outbox in the transaction of its fact and delivered after it. See
//! [`crate::adapters::OutboxAdapter`] for the promise.

use serde::{Deserialize, Serialize};

use crate::hooks::{Hook, RequestContext};
use crate::ids::generate_id;
use crate::passkey::Passkey;
use crate::user::User;

/// The recipient of an event whose plugins are not known yet: the operator's command line loads none. The
/// server finds them when it delivers. No plugin has this name.
pub const EVERYBODY: &str = "*";

/// One fact about one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The same at every delivery.
    pub id: String,
    /// Which `on-*` hook it is for.
    pub hook: Hook,
    /// The user as it was right after the fact.
    pub user: User,
    /// The way in, for `on-signin` and `on-oauth-link`.
    pub provider: Option<String>,
    /// What else there is to say: why a sign-in failed, the address before a change, the session that was
    /// ended.
    #[serde(default)]
    pub detail: Option<String>,
    /// For the passkey events.
    pub passkey: Option<Passkey>,
    /// Whether the same request created the user.
    pub is_new: bool,
    /// The request that caused it.
    pub request: RequestContext,
}

impl Event {
    /// A new event. `hook` is one of the `on-*` hooks.
    #[must_use]
    pub fn new(hook: Hook, user: User, request: RequestContext) -> Self {
        Self {
            id: generate_id(),
            hook,
            user,
            provider: None,
            detail: None,
            passkey: None,
            is_new: false,
            request,
        }
    }

    /// The same with a provider.
    #[must_use]
    pub fn by(self, provider: &str) -> Self {
        Self { provider: Some(provider.to_owned()), ..self }
    }

    /// The same about a passkey.
    #[must_use]
    pub fn about(self, passkey: Passkey) -> Self {
        Self { passkey: Some(passkey), ..self }
    }

    /// The same with what else there is to say.
    #[must_use]
    pub fn saying(self, detail: &str) -> Self {
        Self { detail: Some(detail.to_owned()), ..self }
    }
}

/// What the outbox holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parcel {
    /// An event for one plugin.
    Event {
        /// The plugin.
        plugin: String,
        /// What happened.
        event: Box<Event>,
    },
    /// A sealed letter for the mail transport.
    Letter(String),
}

/// One parcel on its way. Parcels to the same plugin, or to the mail transport, about the same user are
/// delivered in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The row in the outbox.
    pub id: i64,
    /// What is to be delivered.
    pub parcel: Parcel,
    /// How often it was tried before.
    pub attempts: u32,
}
