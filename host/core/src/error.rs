//! What a service may answer instead of success. A closed list: HTTP maps each to one status.

use crate::adapters::StoreError;
use crate::hooks::{Denial, HookFailure};
use crate::passwords::{HasherError, PolicyViolation};

/// Why a request was refused or could not be served. The texts are for the log; clients get
/// FastAuth's, which `hookgate-http` knows.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The e-mail is unknown, the password wrong, the account deactivated or locked: one answer for
    /// all, so that nobody learns which.
    #[error("invalid e-mail or password")]
    InvalidCredentials,
    /// No token, a bad one, or one whose user or session is gone.
    #[error("not authenticated")]
    NotAuthenticated,
    /// The token is good, the account is not.
    #[error("account is deactivated")]
    AccountDeactivated,
    /// The address belongs to somebody.
    #[error("the address is taken")]
    EmailTaken,
    /// The password breaks the policy.
    #[error(transparent)]
    PasswordPolicy(#[from] PolicyViolation),
    /// A plugin refused.
    #[error("refused by plugin `{}`", .0.plugin)]
    Denied(Denial),
    /// A plugin gave no usable answer, so nobody was let in.
    #[error(transparent)]
    HookFailed(#[from] HookFailure),
    /// The refresh token is missing.
    #[error("refresh token required")]
    RefreshTokenRequired,
    /// The refresh token is undecodable, of the wrong type, or its user is unknown or deactivated.
    #[error("invalid refresh token")]
    RefreshTokenInvalid,
    /// The refresh token was used or revoked before. All of the user's sessions are ended.
    #[error("refresh token reused")]
    RefreshTokenReused,
    /// No such session, or somebody else's.
    #[error("session not found")]
    SessionNotFound,
    /// What was asked for does not exist with this `session_strategy`.
    #[error("not offered with this session strategy")]
    NotOffered,
    /// Too much to do at once; worth another try.
    #[error("overloaded: {0}")]
    Busy(&'static str),
    /// The storage failed, or refused what should have been possible.
    #[error(transparent)]
    Store(StoreError),
    /// Something that should not happen.
    #[error("internal error: {0}")]
    Internal(String),
}

impl From<StoreError> for AuthError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<HasherError> for AuthError {
    fn from(error: HasherError) -> Self {
        match error {
            HasherError::Busy => Self::Busy("password hashing"),
            HasherError::Failed(reason) => Self::Internal(reason),
        }
    }
}
