//! How long one call may take: by its plugin's limits, and by what is left of its request's budget.

use std::time::Duration;

use hookgate_core::hooks::Stage;

use crate::plugin::limits::Limits;

/// How long one call may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    pub(crate) time: Duration,
    pub(crate) cpu: Duration,
    /// What the call gets to hear that takes longer.
    pub(crate) breach: Breach,
    /// How long it may wait for its turn.
    pub(crate) patience: Duration,
}

/// Which limit on time it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Breach {
    Deadline { limit_ms: u64 },
    Budget { limit_ms: u64 },
}

impl From<Breach> for Stage {
    fn from(breach: Breach) -> Self {
        match breach {
            Breach::Deadline { limit_ms } => Self::Deadline { limit_ms },
            Breach::Budget { limit_ms } => Self::Budget { limit_ms },
        }
    }
}

impl Allowance {
    /// What a plugin's own limits say.
    pub(crate) const fn of(limits: &Limits) -> Self {
        let breach = Breach::Deadline { limit_ms: limits.time_ms };
        Self { time: limits.time(), cpu: limits.cpu(), breach, patience: Duration::MAX }
    }

    /// What the first instance of a plugin gets, or its check of its settings: there may be something to look
    /// up, and nobody waits.
    pub(crate) fn of_start(limit: Duration) -> Self {
        let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        Self { time: limit, cpu: limit, breach: Breach::Deadline { limit_ms }, patience: Duration::MAX }
    }

    /// The same, but no longer than what is left of the request's budget.
    pub(crate) fn within(self, left: Duration, limit_ms: u64) -> Self {
        if left >= self.time {
            return Self { patience: left, ..self };
        }
        Self { time: left, breach: Breach::Budget { limit_ms }, patience: left, ..self }
    }
}
