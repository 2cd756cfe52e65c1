//! One question to one plugin: what is asked, what is answered, what it cost.

use std::time::Duration;

use hookgate_core::hooks::{Decision, Hook};
use hookgate_core::passkey::Passkey;
use hookgate_core::user::User;

/// What a hook is called with.
#[derive(Clone, Copy, Debug)]
pub enum HookInput<'a> {
    /// `allow-signin`.
    AllowSignin {
        /// Who wants in.
        user: &'a User,
        /// By which way.
        provider: &'a str,
    },
    /// `modify-jwt`.
    ModifyJwt {
        /// The claims as JSON text.
        claims: &'a str,
        /// Whose.
        user: &'a User,
    },
    /// `modify-session`.
    ModifySession {
        /// The payload as JSON text.
        session: &'a str,
        /// Whose.
        user: &'a User,
    },
    /// One of the `on-*` hooks.
    Event {
        /// Which.
        hook: Hook,
        /// Whom it is about.
        user: &'a User,
        /// The second argument of the events that have a text: the way in, the reason, the address before.
        text: Option<&'a str>,
        /// The passkey, for the passkey events.
        passkey: Option<&'a Passkey>,
    },
}

impl HookInput<'_> {
    /// The hook that is called.
    #[must_use]
    pub const fn hook(&self) -> Hook {
        match self {
            Self::AllowSignin { .. } => Hook::AllowSignin,
            Self::ModifyJwt { .. } => Hook::ModifyJwt,
            Self::ModifySession { .. } => Hook::ModifySession,
            Self::Event { hook, .. } => *hook,
        }
    }
}

/// What a hook answered. JSON text is as the plugin wrote it: nothing has been checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookOutput {
    /// Of a gate.
    Decision(Decision),
    /// Of a mutation.
    Json(String),
    /// Of an event.
    Taken,
}

/// What a call cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallReport {
    /// Whether an instance served that had served before (`[reuse]`).
    pub reused: bool,
    /// Waiting for a free instance.
    pub wait: Duration,
    /// Making the instance.
    pub instantiate: Duration,
    /// In the plugin's code and in the host functions that it called.
    pub guest: Duration,
    /// Of [`Self::instantiate`] and [`Self::guest`]: in host functions that may wait (`kv`, `http`, `log` and
    /// WASI's), waiting included.
    pub host: Duration,
    /// Of [`Self::instantiate`] and [`Self::guest`]: on a processor, waiting excluded.
    pub cpu: Duration,
    /// Everything, cleaning up included.
    pub total: Duration,
    /// The largest sum of the instance's linear memories, in bytes.
    pub peak_memory: u64,
    /// The WebAssembly instructions that ran, where the engine counts them
    /// ([`crate::EngineConfig::count_instructions`]).
    pub instructions: Option<u64>,
}
