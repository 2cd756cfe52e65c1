//! Why something could not be done for the operator.

use crate::adapters::StoreError;
use crate::email::EmailError;
use crate::passwords::{HasherError, PolicyViolation};

/// Each is one sentence.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// Neither an id nor an address of a user.
    #[error("there is no user `{0}`")]
    UserNotFound(String),
    /// The address belongs to somebody.
    #[error("a user with the address {0} exists")]
    EmailTaken(String),
    /// Not an address.
    #[error("`{address}` is not a valid e-mail address: {source}")]
    Email {
        /// What was given.
        address: String,
        /// What is wrong with it.
        source: EmailError,
    },
    /// The password breaks the policy.
    #[error(transparent)]
    PasswordPolicy(#[from] PolicyViolation),
    /// The password could not be hashed.
    #[error(transparent)]
    Hasher(#[from] HasherError),
    /// Deleted accounts don't come back.
    #[error("{0} was deleted, which can't be undone; only disabled users can be enabled")]
    UserDeleted(String),
    /// There is no such role.
    #[error("there is no role `{0}`")]
    RoleNotFound(String),
    /// A role of that name exists.
    #[error("a role `{0}` exists")]
    RoleExists(String),
    /// No such session, or it is over.
    #[error("there is no session `{0}`")]
    SessionNotFound(String),
    /// No such delivery, or it is still to be made.
    #[error("there is no delivery {0} that was given up")]
    DeliveryNotFound(i64),
    /// No such signing key, or it is gone.
    #[error("there is no signing key `{0}`")]
    KeyNotFound(String),
    /// No such passkey.
    #[error("there is no passkey `{0}`")]
    PasskeyNotFound(String),
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
