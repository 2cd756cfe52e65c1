//! What plugins may import, by name. The functions are in [`crate::imports`].

use serde::{Deserialize, Serialize};

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
