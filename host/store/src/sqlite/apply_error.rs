//! Why a job could not be done, before it becomes a [`StoreError`].

use hookgate_core::adapters::{Conflict, StoreError};
use rusqlite::ErrorCode;

/// What the functions that change rows answer.
pub(super) type Applied<T = ()> = Result<T, ApplyError>;

/// A change could not be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApplyError {
    /// The data says no.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// SQLite says no.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// A value can't be written as JSON.
    #[error("a value can't be stored: {0}")]
    Json(#[from] serde_json::Error),
    /// An error in the code of this crate, which costs the one job only.
    #[error("the job panicked")]
    Panicked,
}

impl From<ApplyError> for StoreError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Conflict(conflict) => Self::Conflict(conflict),
            ApplyError::Sqlite(error) => Self::unavailable(error),
            other => Self::unavailable(other),
        }
    }
}

/// Whether a statement failed because of a rule of the schema (unique, foreign key). Which rule it was
/// is for the caller to find out: within the transaction the answer can't have changed meanwhile, and
/// looking only after a failure keeps the usual case free of questions.
pub(super) fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}
