//! What plugins may import: the catalogue, and the functions behind it.
//!
//! Everything is linked once per engine. What a plugin is *granted* is decided when it is loaded, from
//! its list of imports (see [`crate::inspect`]); a plugin that imports what it was not granted is
//! refused, so nothing needs to be checked here at run time.

mod clock;
mod config;
mod http;
mod kv;
mod log;
mod random;
mod request;
mod secrets;
pub(crate) mod wasi;

pub(crate) use http::Requests;
pub(crate) use kv::Scratch;
pub(crate) use log::CallLog;

use serde::{Deserialize, Serialize};
use wasmtime::component::{HasSelf, Linker};

use crate::bindings::host::{Host_, hookgate::hooks::types};
use crate::call_state::CallState;

/// One interface of `hookgate:hooks` that a plugin may import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Writing to the server's log.
    Log,
    /// Reading the plugin's own settings.
    Config,
    /// Reading what is known of the request.
    Request,
    /// Reading the time.
    Clock,
    /// Randomness that is fit for secrets.
    Random,
    /// Remembering things from one call to the next.
    Kv,
    /// Sending requests to the hosts of `[http]`.
    Http,
    /// Using what `[secrets]` lends.
    Secrets,
}

impl Capability {
    /// Every capability.
    pub const ALL: &'static [Self] = &[
        Self::Log,
        Self::Config,
        Self::Request,
        Self::Clock,
        Self::Random,
        Self::Kv,
        Self::Http,
        Self::Secrets,
    ];

    /// What a plugin may import whose manifest says nothing: what neither keeps nor sends anything.
    pub const BY_DEFAULT: &'static [Self] =
        &[Self::Log, Self::Config, Self::Request, Self::Clock, Self::Random];

    /// The name in WIT and manifests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Config => "config",
            Self::Request => "request",
            Self::Clock => "clock",
            Self::Random => "random",
            Self::Kv => "kv",
            Self::Http => "http",
            Self::Secrets => "secrets",
        }
    }

    /// The capability of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|capability| capability.name() == name)
    }
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// An interface of types alone: nothing to do.
impl types::Host for CallState {}

/// Links every capability, and WASI as an empty world.
pub(crate) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    Host_::add_to_linker::<_, HasSelf<CallState>>(linker, |state| state)?;
    // The asynchronous one: the other blocks on the runtime's own thread, which panics.
    wasmtime_wasi::p2::add_to_linker_async(linker)
}
