//! What a service may answer instead of success. A closed list: HTTP maps each to one status.

use crate::adapters::StoreError;
use crate::hooks::{Denial, HookFailure};
use crate::oauth::OAuthError;
use crate::passwords::{HasherError, PolicyViolation};
use crate::webauthn::CeremonyError;

/// Why a request was refused or could not be served. The texts are for the log; clients get
/// FastAuth's, which `hookgate-http` knows.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The e-mail is unknown, the password wrong, the account deactivated or locked: one answer for
    /// all, so that nobody learns which.
    #[error("invalid e-mail or password")]
    InvalidCredentials,
    /// There is no registration and no sign-in with a password here.
    #[error("no credentials provider")]
    CredentialsNotConfigured,
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
    /// The password that was asked for once more is wrong, or there is none (change of password).
    #[error("current password incorrect")]
    CurrentPasswordIncorrect,
    /// The password that was asked for once more is wrong, or there is none (elsewhere).
    #[error("password incorrect")]
    PasswordIncorrect,
    /// The new address belongs to somebody else.
    #[error("the new address is taken")]
    EmailInUse,
    /// A profile without a change.
    #[error("no fields to update")]
    NothingToUpdate,
    /// The link that proves an address is spent, expired or unknown.
    #[error("invalid verification token")]
    VerificationTokenInvalid,
    /// The link that resets a password is spent, expired or unknown.
    #[error("invalid reset token")]
    ResetTokenInvalid,
    /// The link that confirms a new address is spent, expired or unknown.
    #[error("invalid e-mail change token")]
    EmailChangeTokenInvalid,
    /// The link that signs in is spent, expired or unknown.
    #[error("invalid magic link")]
    MagicLinkInvalid,
    /// The link is good, the account is not.
    #[error("account is inactive")]
    AccountInactive,
    /// There are no passkeys here.
    #[error("no passkey provider")]
    PasskeysNotConfigured,
    /// The challenge was never given, or is spent, expired or another user's.
    #[error("invalid challenge")]
    ChallengeInvalid,
    /// An authenticator's answer to a registration is not good.
    #[error("passkey not registered: {0}")]
    PasskeyRegistrationFailed(CeremonyError),
    /// An authenticator's answer to a sign-in is not good.
    #[error("passkey not accepted: {0}")]
    PasskeyRefused(CeremonyError),
    /// No such passkey, or somebody else's.
    #[error("passkey not found")]
    PasskeyNotFound,
    /// Nobody signs in with that passkey.
    #[error("unknown passkey")]
    PasskeyUnknown,
    /// A credential of that id exists.
    #[error("the passkey exists")]
    PasskeyExists,
    /// The passkey is good, the account is not.
    #[error("the passkey's user is not found or inactive")]
    PasskeyUserInactive,
    /// The way through an OAuth provider did not end well.
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    /// The token to be revoked is none.
    #[error("invalid token")]
    TokenInvalid,
    /// Access tokens can't be revoked.
    #[error("only refresh tokens can be revoked")]
    OnlyRefreshTokens,
    /// The token to be revoked is somebody else's.
    #[error("another user's token")]
    TokenOfAnother,
    /// The caller lacks a role.
    #[error("insufficient role")]
    InsufficientRole,
    /// The caller lacks a permission.
    #[error("insufficient permissions")]
    InsufficientPermissions,
    /// A role of that name exists.
    #[error("the role exists")]
    RoleExists,
    /// There is no such role.
    #[error("role not found")]
    RoleNotFound,
    /// There is no such user.
    #[error("user not found")]
    UserNotFound,
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
