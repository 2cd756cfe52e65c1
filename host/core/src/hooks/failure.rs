//! A hook that gave no usable answer. Not a denial: the two are told apart everywhere.

use super::{Hook, Violation};

/// How far a call came, which also says who is to blame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stage {
    /// There was no room for the call in time.
    #[error("waited {waited_ms} ms in vain for its turn (`queue_wait_ms`)")]
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
    /// The plugin ran out of time, its waiting in the host included.
    #[error("took longer than {limit_ms} ms (`time_ms`)")]
    Deadline {
        /// The limit.
        limit_ms: u64,
    },
    /// The plugin computed for too long.
    #[error("computed for longer than {limit_ms} ms (`cpu_ms`)")]
    Cpu {
        /// The limit.
        limit_ms: u64,
    },
    /// The plugin wanted more memory than it may have.
    #[error("wanted more than {limit_bytes} bytes of memory (`memory_bytes`)")]
    Memory {
        /// The limit.
        limit_bytes: u64,
    },
    /// The plugin wanted more of something else than it may have.
    #[error("wanted more than {limit} {what} (`{name}`)")]
    Limit {
        /// The limit's name.
        name: &'static str,
        /// Of what, in words.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The hooks of the whole request ran out of time.
    #[error("was cut short: all hooks of one request may take {limit_ms} ms together (`request_budget_ms`)")]
    Budget {
        /// The limit.
        limit_ms: u64,
    },
    /// The plugin failed so often that it is not asked for a while.
    #[error("was not asked: it failed too often and its circuit breaker is open for {retry_ms} ms more")]
    BreakerOpen {
        /// When it is tried again.
        retry_ms: u64,
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
    /// Every word that [`Self::word`] answers.
    pub const WORDS: [&'static str; 12] = [
        "queue",
        "instantiate",
        "trap",
        "deadline",
        "cpu",
        "memory",
        "limit",
        "budget",
        "breaker-open",
        "guest",
        "answer",
        "host",
    ];

    /// A short, stable word for metrics and the log.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Queue { .. } => "queue",
            Self::Instantiate(_) => "instantiate",
            Self::Trap(_) => "trap",
            Self::Deadline { .. } => "deadline",
            Self::Cpu { .. } => "cpu",
            Self::Memory { .. } => "memory",
            Self::Limit { .. } => "limit",
            Self::Budget { .. } => "budget",
            Self::BreakerOpen { .. } => "breaker-open",
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
