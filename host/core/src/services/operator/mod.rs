//! What the operator may do at the command line, without anybody signing in.
//!
//! No plugin is loaded there, so none is asked or told: a user that the operator makes fires no hook.

mod error;
mod import;
mod passkeys;
mod record;
mod roles;
mod sessions;
mod users;

use std::sync::Arc;

pub use error::OperatorError;
pub use import::{ImportOptions, ImportReport, Importer};
pub use passkeys::PasskeyRecord;
pub use record::UserRecord;
pub use users::{NewUser, UserDetails};

use crate::adapters::{Adapters, Change, Conflict, StoreError};
use crate::clock::Clock;
use crate::settings::Settings;

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
