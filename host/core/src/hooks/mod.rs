//! Hooks as the services see them: what can be asked, what may be answered, what a failure is.
//!
//! The port is [`Hooks`]; the plugin host implements it. [`NoHooks`] is the server without plugins.

mod changes;
mod context;
mod failure;
mod given;
mod guard;
mod halves;
mod policy;
mod port;
mod shape;

pub use changes::Changes;
pub use context::{HookContext, RequestContext, TokenUse};
pub use failure::{HookFailure, Stage};
pub use given::Given;
pub use guard::{
    OnViolation, RESERVED_CLAIMS, RESERVED_SESSION_FIELDS, Restored, Violation, guard_claims, guard_session,
    restore_claims, restore_session,
};
pub use policy::FailurePolicy;
pub use port::{DeliveryError, HookChain, Hooks, NoHooks};
pub use shape::Shape;

use serde::{Deserialize, Serialize};

macro_rules! hooks {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $kind:ident;)*) => {
        /// A point in a user's life at which plugins are asked or told. The names are FastAuth's
        /// `EventHooks` in kebab-case, and of the events that it lacks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Hook {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Hook {
            /// Every hook.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in WIT, logs, metrics and configuration.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What its answer can do.
            #[must_use]
            pub const fn kind(self) -> HookKind {
                match self { $(Self::$variant => HookKind::$kind,)* }
            }
        }
    };
}

/// What the answer of a hook can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookKind {
    /// It may refuse.
    Gate,
    /// It may change what it was given.
    Mutation,
    /// It is told and can do nothing about it.
    Event,
}

hooks! {
    /// May this user sign in?
    AllowSignin = "allow-signin", Gate;
    /// The claims of a token about to be signed.
    ModifyJwt = "modify-jwt", Mutation;
    /// The payload of a session about to be stored.
    ModifySession = "modify-session", Mutation;
    /// A user was created.
    OnSignup = "on-signup", Event;
    /// A user signed in.
    OnSignin = "on-signin", Event;
    /// A user signed out.
    OnSignout = "on-signout", Event;
    /// A refresh token was exchanged.
    OnTokenRefresh = "on-token-refresh", Event;
    /// An address was proven.
    OnEmailVerify = "on-email-verify", Event;
    /// A password was reset.
    OnPasswordReset = "on-password-reset", Event;
    /// An OAuth account was linked.
    OnOauthLink = "on-oauth-link", Event;
    /// A magic link was sent.
    OnMagicLinkSent = "on-magic-link-sent", Event;
    /// A passkey was added.
    OnPasskeyRegistered = "on-passkey-registered", Event;
    /// A passkey was removed.
    OnPasskeyDeleted = "on-passkey-deleted", Event;
    /// A known user's sign-in failed.
    OnSigninFailed = "on-signin-failed", Event;
    /// Too many wrong passwords locked an address.
    OnLockout = "on-lockout", Event;
    /// A password was changed.
    OnPasswordChange = "on-password-change", Event;
    /// An address was changed.
    OnEmailChange = "on-email-change", Event;
    /// An account was deleted.
    OnAccountDelete = "on-account-delete", Event;
    /// A session was ended otherwise than by signing out.
    OnSessionRevoke = "on-session-revoke", Event;
    /// A spent refresh token was presented.
    OnRefreshReuse = "on-refresh-reuse", Event;
}

impl Hook {
    /// The hook of that name; `_` counts as `-`, since FastAuth writes `allow_signin`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.replace('_', "-");
        Self::ALL.iter().copied().find(|hook| hook.name() == name)
    }
}

impl std::fmt::Display for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A gate's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// No plugin objects.
    Allow,
    /// A plugin refused.
    Deny(Denial),
}

/// A refusal by a plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denial {
    /// For the client's code.
    pub code: Option<String>,
    /// For the user's eyes, instead of the route's own text.
    pub message: Option<String>,
    /// For the log alone.
    pub reason: Option<String>,
    /// Which plugin refused; for the log alone.
    pub plugin: String,
}
