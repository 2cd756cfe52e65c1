//! What a failed sign-in makes of a key's record. The one place of this rule, for every store.

use hookgate_core::adapters::{LockoutRule, LoginAttempts};
use hookgate_core::clock::Timestamp;

/// What is stored for one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AttemptRecord {
    /// Failures in a row.
    pub(crate) failures: u32,
    /// The end of the lock.
    pub(crate) locked_until: Option<Timestamp>,
    /// From when on the record counts as absent.
    pub(crate) expires_at: Timestamp,
}

impl AttemptRecord {
    /// The record after one more failure; `None` if the old one stays as it is, because the key is locked.
    ///
    /// A record lives for the window after its latest failure. The failure that reaches the limit locks,
    /// and the record then lives exactly as long as the lock: the count starts afresh after it.
    pub(crate) fn after_failure(old: Option<Self>, rule: LockoutRule, now: Timestamp) -> Option<Self> {
        let old = old.filter(|record| now < record.expires_at);
        if old.is_some_and(|record| record.attempts().is_locked(now)) {
            return None;
        }
        let failures = old.map_or(0, |record| record.failures).saturating_add(1);
        let locked_until = (failures >= rule.max_attempts).then(|| now.plus(rule.lockout_seconds));
        let expires_at = locked_until.unwrap_or_else(|| now.plus(rule.window_seconds));
        Some(Self { failures, locked_until, expires_at })
    }

    /// What callers see of it.
    pub(crate) const fn attempts(&self) -> LoginAttempts {
        LoginAttempts { failures: self.failures, locked_until: self.locked_until }
    }
}

/// The sum over the unexpired records of several keys: the most failures, the latest lock.
pub(crate) fn sum(records: impl Iterator<Item = AttemptRecord>, now: Timestamp) -> LoginAttempts {
    records.filter(|record| now < record.expires_at).fold(LoginAttempts::default(), |sum, record| {
        LoginAttempts {
            failures: sum.failures.max(record.failures),
            locked_until: sum.locked_until.max(record.locked_until),
        }
    })
}
