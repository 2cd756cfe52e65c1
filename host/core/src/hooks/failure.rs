//! A hook that gave no usable answer. Not a denial: the two are told apart everywhere.

use super::{Hook, Violation};

/// How far a call came, which also says who is to blame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stage {
    /// There was no room for the call in time.
    #[error("waited {waited_ms} ms for a free instance")]
    Queue {
        /// How long.
        waited_ms: u64,
    },
    /// The instance could not be made.
    #[error("could not start: {0}")]
    Instantiate(String),
    /// The plugin's code trapped.
    #[error("trapped: {0}")]
    Trap(String),
    /// The plugin ran out of time.
    #[error("took longer than {limit_ms} ms")]
    Deadline {
        /// The limit.
        limit_ms: u64,
    },
    /// The plugin wanted more memory than it may have.
    #[error("wanted more than {limit_bytes} bytes of memory")]
    Memory {
        /// The limit.
        limit_bytes: u64,
    },
    /// The plugin answered with its own error.
    #[error("answered with an error: {0}")]
    Guest(String),
    /// The plugin's answer can't be used.
    #[error("answered with {0}")]
    Answer(#[from] Violation),
    /// The host itself is at fault.
    #[error("host error: {0}")]
    Host(String),
}

impl Stage {
    /// A short, stable word for metrics and the log.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Queue { .. } => "queue",
            Self::Instantiate(_) => "instantiate",
            Self::Trap(_) => "trap",
            Self::Deadline { .. } => "deadline",
            Self::Memory { .. } => "memory",
            Self::Guest(_) => "guest",
            Self::Answer(_) => "answer",
            Self::Host(_) => "host",
        }
    }
}

/// A failed hook call: which plugin, which hook, what went wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("plugin `{plugin}` failed in {hook}: it {stage}")]
pub struct HookFailure {
    /// The plugin.
    pub plugin: String,
    /// The hook.
    pub hook: Hook,
    /// What went wrong.
    pub stage: Stage,
}
