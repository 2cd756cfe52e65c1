//! What the operator may do at the command line, without anybody signing in.
//!
//! No plugin is loaded there, so none is asked. Events go to the outbox for whoever listens: the server finds
//! out when it delivers them.

mod error;
mod import;
mod keys;
mod outbox;
mod passkeys;
mod record;
mod roles;
mod sessions;
mod users;

use std::sync::Arc;

pub use error::OperatorError;
pub use import::{ImportOptions, ImportReport, Importer};
pub use keys::KeyRecord;
pub use passkeys::PasskeyRecord;
pub use record::UserRecord;
pub use users::{NewUser, UserDetails};

use crate::adapters::{Adapters, Announcement, Change, Conflict, StoreError};
use crate::clock::Clock;
use crate::event::{EVERYBODY, Event};
use crate::hooks::{Hook, RequestContext};
use crate::ids::generate_id;
use crate::settings::Settings;
use crate::user::User;

/// The operator's use cases.
pub struct Operator {
    adapters: Adapters,
    settings: Settings,
    clock: Arc<dyn Clock>,
}

impl Operator {
    /// Over these parts.
    #[must_use]
    pub const fn new(adapters: Adapters, settings: Settings, clock: Arc<dyn Clock>) -> Self {
        Self { adapters, settings, clock }
    }

    /// The time by which everything is judged.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The change that tells plugins of an event.
    fn tell(&self, hook: Hook, user: User, detail: Option<&str>) -> Change {
        let request =
            RequestContext { id: generate_id(), time_ms: self.clock.now_ms(), ip: None, user_agent: None };
        let event = Event { detail: detail.map(str::to_owned), ..Event::new(hook, user, request) };
        Change::Enqueue(Announcement { event, plugins: vec![EVERYBODY.to_owned()] })
    }

    /// Makes changes as a whole. What a conflict was about is known by the caller.
    async fn commit(
        &self,
        changes: Vec<Change>,
        explain: impl FnOnce(Conflict) -> Option<OperatorError>,
    ) -> Result<(), OperatorError> {
        self.adapters
            .transactions
            .commit(changes)
            .await
            .map_err(|error| error.conflict().and_then(explain).unwrap_or_else(|| StoreError::into(error)))
    }
}
