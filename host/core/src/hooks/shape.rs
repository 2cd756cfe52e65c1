//! What hooks take and answer: five signatures for all of them.

use super::Hook;

/// The signature of a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// User and provider; a decision.
    Gate,
    /// A JSON object and the user; the object as it is to be.
    Mutation,
    /// The user.
    Event,
    /// The user and a text: provider, reason, previous address, session id.
    TextEvent,
    /// The user and a passkey.
    PasskeyEvent,
}

impl Shape {
    /// That of a hook.
    #[must_use]
    pub const fn of(hook: Hook) -> Self {
        match hook {
            Hook::AllowSignin => Self::Gate,
            Hook::ModifyJwt | Hook::ModifySession => Self::Mutation,
            Hook::OnSignin
            | Hook::OnOauthLink
            | Hook::OnSigninFailed
            | Hook::OnEmailChange
            | Hook::OnSessionRevoke => Self::TextEvent,
            Hook::OnPasskeyRegistered | Hook::OnPasskeyDeleted => Self::PasskeyEvent,
            Hook::OnSignup
            | Hook::OnSignout
            | Hook::OnTokenRefresh
            | Hook::OnEmailVerify
            | Hook::OnPasswordReset
            | Hook::OnMagicLinkSent
            | Hook::OnLockout
            | Hook::OnPasswordChange
            | Hook::OnAccountDelete
            | Hook::OnRefreshReuse => Self::Event,
        }
    }
}
