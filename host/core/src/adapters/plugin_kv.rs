//! What plugins remember: a small key-value store with a namespace for each.

use async_trait::async_trait;

use super::{StoreError, StoreResult};

/// A value with its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KvEntry {
    /// Any bytes.
    pub value: Vec<u8>,
    /// When it ends, in milliseconds since the Unix epoch; none if it stays.
    pub expires_ms: Option<i64>,
}

impl KvEntry {
    /// Whether it still counts.
    #[must_use]
    pub fn is_live(&self, now_ms: i64) -> bool {
        self.expires_ms.is_none_or(|end| now_ms < end)
    }
}

/// A change of one key, made as one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KvChange {
    /// Sets the value.
    Set(KvEntry),
    /// Removes it; fine if there is none.
    Delete,
    /// Adds to a decimal number; absent counts as 0. An entry that is there keeps its end.
    Increment {
        /// What is added.
        by: i64,
        /// The end of an entry that is not there yet.
        expires_ms: Option<i64>,
    },
    /// Sets (none removes) if the value is the expected one (none: absent).
    CompareAndSet {
        /// What must be there.
        expected: Option<Vec<u8>>,
        /// What is to be there.
        new: Option<KvEntry>,
    },
}

/// What a change answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KvAnswer {
    /// [`KvChange::Set`] and [`KvChange::Delete`]: it is so.
    Done,
    /// [`KvChange::Increment`]: the sum.
    Sum(i64),
    /// [`KvChange::CompareAndSet`]: whether the value was the expected one.
    Matched(bool),
}

/// What has to happen to the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KvEffect {
    /// It stays as it is.
    Keep,
    /// It becomes this.
    Put(KvEntry),
    /// It goes.
    Remove,
}

impl KvChange {
    /// What the change does to an entry, for adapters: `old` is the live one, if any.
    ///
    /// # Errors
    /// [`KvError::NotANumber`].
    pub fn on(self, old: Option<&KvEntry>) -> Result<(KvEffect, KvAnswer), KvError> {
        match self {
            Self::Set(entry) => Ok((KvEffect::Put(entry), KvAnswer::Done)),
            Self::Delete => Ok((KvEffect::Remove, KvAnswer::Done)),
            Self::Increment { by, expires_ms } => {
                let (present, expires_ms) = match old {
                    Some(entry) => (number(&entry.value)?, entry.expires_ms),
                    None => (0, expires_ms),
                };
                let sum = present.checked_add(by).ok_or(KvError::NotANumber)?;
                let entry = KvEntry { value: sum.to_string().into_bytes(), expires_ms };
                Ok((KvEffect::Put(entry), KvAnswer::Sum(sum)))
            }
            Self::CompareAndSet { expected, new } => {
                if old.map(|entry| &entry.value) != expected.as_ref() {
                    return Ok((KvEffect::Keep, KvAnswer::Matched(false)));
                }
                Ok((new.map_or(KvEffect::Remove, KvEffect::Put), KvAnswer::Matched(true)))
            }
        }
    }
}

fn number(value: &[u8]) -> Result<i64, KvError> {
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).ok_or(KvError::NotANumber)
}

/// How much one plugin may keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KvQuota {
    /// Keys.
    pub entries: u64,
    /// Bytes of keys and values together.
    pub bytes: u64,
}

impl KvQuota {
    /// Whether a plugin that uses so much may grow to `used`, for adapters. What makes it smaller is always
    /// allowed: a quota may have been lowered since.
    ///
    /// # Errors
    /// The quota that would be exceeded.
    pub fn check(&self, before: KvUsage, after: KvUsage) -> Result<(), KvError> {
        if after.entries > self.entries && after.entries > before.entries {
            return Err(KvError::TooManyEntries(self.entries));
        }
        if after.bytes > self.bytes && after.bytes > before.bytes {
            return Err(KvError::TooManyBytes(self.bytes));
        }
        Ok(())
    }
}

/// How much one plugin keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KvUsage {
    /// Keys.
    pub entries: u64,
    /// Bytes of keys and values together.
    pub bytes: u64,
}

impl KvUsage {
    /// With one entry more.
    #[must_use]
    pub fn plus(self, key: &str, value: &[u8]) -> Self {
        Self { entries: self.entries + 1, bytes: self.bytes + (key.len() + value.len()) as u64 }
    }

    /// With one entry less.
    #[must_use]
    pub fn minus(self, key: &str, value: &[u8]) -> Self {
        let size = (key.len() + value.len()) as u64;
        Self { entries: self.entries.saturating_sub(1), bytes: self.bytes.saturating_sub(size) }
    }
}

/// Why a change was not made. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum KvError {
    /// An increment of something else than a decimal number, or beyond what 64 bits hold.
    #[error("the value is no number, or the sum is too large for one")]
    NotANumber,
    /// No room for another key.
    #[error("the plugin may keep {0} entries and no more")]
    TooManyEntries(u64),
    /// No room for the value.
    #[error("the plugin may keep {0} bytes and no more")]
    TooManyBytes(u64),
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps what plugins remember. A plugin sees its own keys and nobody else's.
#[async_trait]
pub trait PluginKvAdapter: Send + Sync {
    /// The value of a plugin's key, unless its time is over.
    async fn kv_get(&self, plugin: &str, key: &str, now_ms: i64) -> StoreResult<Option<Vec<u8>>>;

    /// Makes one change, as a whole or not at all; of several at once none is lost. What is expired makes
    /// room before a quota refuses anything.
    async fn kv_change(
        &self,
        plugin: &str,
        key: &str,
        change: KvChange,
        quota: KvQuota,
        now_ms: i64,
    ) -> Result<KvAnswer, KvError>;

    /// How much a plugin keeps; what is expired and not yet cleaned up may be among it.
    async fn kv_usage(&self, plugin: &str) -> StoreResult<KvUsage>;

    /// Removes what is expired, at most `limit` entries, and says how many.
    async fn cleanup_expired_kv(&self, now_ms: i64, limit: usize) -> StoreResult<usize>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(value: &str, expires_ms: Option<i64>) -> KvEntry {
        KvEntry { value: value.into(), expires_ms }
    }

    #[test]
    fn an_increment_keeps_the_end_of_what_is_there() {
        let change = KvChange::Increment { by: 2, expires_ms: Some(9) };
        let on = |old: Option<&KvEntry>| change.clone().on(old).expect("a number");
        assert_eq!(on(None), (KvEffect::Put(entry("2", Some(9))), KvAnswer::Sum(2)));
        for (old, sum) in [(entry("40", Some(5)), 42), (entry("-3", None), -1)] {
            let new = entry(&sum.to_string(), old.expires_ms);
            assert_eq!(on(Some(&old)), (KvEffect::Put(new), KvAnswer::Sum(sum)));
        }
    }

    #[test]
    fn only_numbers_can_be_incremented() {
        for value in ["", "x", "1.5", " 1", "9223372036854775808", "9223372036854775807"] {
            let result = KvChange::Increment { by: 1, expires_ms: None }.on(Some(&entry(value, None)));
            assert!(matches!(result, Err(KvError::NotANumber)), "{value:?}: {result:?}");
        }
    }

    #[test]
    fn a_full_plugin_can_still_shrink() {
        let quota = KvQuota { entries: 2, bytes: 10 };
        let usage = |entries, bytes| KvUsage { entries, bytes };
        assert!(quota.check(usage(1, 5), usage(2, 10)).is_ok());
        assert!(matches!(quota.check(usage(2, 5), usage(3, 6)), Err(KvError::TooManyEntries(2))));
        assert!(matches!(quota.check(usage(1, 5), usage(1, 11)), Err(KvError::TooManyBytes(10))));
        assert!(quota.check(usage(5, 50), usage(5, 40)).is_ok());
    }
}
