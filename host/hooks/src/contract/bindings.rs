//! The WIT contract as Rust types, and nothing else.
//!
//! Host functions come from `bindgen!`. What hooks take and answer is written out by hand: five shapes
//! for all hooks, borrowed on the way in so that no string is copied twice. Loading a plugin
//! compares them with the plugin's own types.

pub(crate) use hookgate_core::hooks::Shape;
use wasmtime::component::{ComponentType, Lift, Lower};

pub(crate) mod host {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "host",
        imports: {
            "hookgate:hooks/random": trappable,
            "hookgate:hooks/kv": async,
            "hookgate:hooks/http": async,
        },
    });
}

/// `types.user`.
#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(record)]
pub(crate) struct UserRecord<'a> {
    pub(crate) id: &'a str,
    pub(crate) email: &'a str,
    pub(crate) name: Option<&'a str>,
    pub(crate) image: Option<&'a str>,
    #[component(name = "email-verified")]
    pub(crate) email_verified: bool,
    #[component(name = "is-active")]
    pub(crate) is_active: bool,
}

/// `types.passkey`.
#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(record)]
pub(crate) struct PasskeyRecord<'a> {
    pub(crate) id: &'a str,
    #[component(name = "user-id")]
    pub(crate) user_id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) aaguid: &'a str,
    #[component(name = "sign-count")]
    pub(crate) sign_count: u32,
    #[component(name = "created-at")]
    pub(crate) created_at: u64,
    #[component(name = "last-used-at")]
    pub(crate) last_used_at: Option<u64>,
}

/// `types.denial`.
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(record)]
pub(crate) struct DenialRecord {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) reason: Option<String>,
}

/// `types.decision`.
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(variant)]
pub(crate) enum DecisionVariant {
    #[component(name = "allow")]
    Allow,
    #[component(name = "deny")]
    Deny(DenialRecord),
}

/// `func(user, provider) -> result<decision, string>`.
pub(crate) type GateParams<'a> = (UserRecord<'a>, &'a str);
pub(crate) type GateResult = (Result<DecisionVariant, String>,);
/// `func(json, user) -> result<json, string>`.
pub(crate) type MutationParams<'a> = (&'a str, UserRecord<'a>);
pub(crate) type MutationResult = (Result<String, String>,);
/// `func(user) -> result<_, string>`, and the same with a text and with a passkey.
pub(crate) type EventParams<'a> = (UserRecord<'a>,);
pub(crate) type TextEventParams<'a> = (UserRecord<'a>, &'a str);
pub(crate) type PasskeyEventParams<'a> = (UserRecord<'a>, PasskeyRecord<'a>);
pub(crate) type EventResult = (Result<(), String>,);
