//! What the operator's routes answer, and `hookgate plugin` reads.

use hookgate_hooks::{Digest, Record};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How the plugins stand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Overview {
    /// The generation that serves.
    pub(crate) generation: u64,
    /// Whether a server runs, and without plugins.
    pub(crate) safe_mode: bool,
    pub(crate) plugins: Vec<Value>,
    /// Those that are kept, the newest first.
    pub(crate) generations: Vec<Generation>,
}

/// One generation. Manifests may hold what only the operator's own files should, so they are left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Generation {
    pub(crate) number: u64,
    pub(crate) made_at_ms: u64,
    pub(crate) cause: String,
    pub(crate) plugins: Vec<Member>,
}

/// One plugin in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) digest: Digest,
}

impl From<Record> for Generation {
    fn from(record: Record) -> Self {
        let member =
            |(name, version): (String, hookgate_hooks::Version)| Member { name, digest: version.digest };
        Self {
            number: record.number,
            made_at_ms: record.made_at_ms,
            cause: record.cause,
            plugins: record.plugins.into_iter().map(member).collect(),
        }
    }
}

/// Why something was not done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) detail: String,
    /// `safe_mode`, where that is the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
}

/// The code of [`Failure`] in safe mode.
pub(crate) const SAFE_MODE: &str = "safe_mode";

impl Failure {
    pub(crate) fn new(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), code: None }
    }
}

/// What a roll-back or a reload is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Which {
    /// One plugin, or all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) plugin: Option<String>,
    /// The generation, for a roll-back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<u64>,
}
