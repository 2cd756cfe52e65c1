//! What `kv` knows of one call.

use std::collections::BTreeMap;

use hookgate_core::adapters::{KvAnswer, KvChange, KvEffect, KvEntry, KvError};

/// What a call without effect keeps, and whether the operator knows that the storage fails.
#[derive(Default)]
pub(crate) struct Scratch {
    kept: BTreeMap<String, KvEntry>,
    is_said: bool,
}

impl Scratch {
    pub(crate) fn get(&self, key: &str, now_ms: i64) -> Option<&KvEntry> {
        self.kept.get(key).filter(|entry| entry.is_live(now_ms))
    }

    pub(crate) fn change(&mut self, key: String, change: KvChange, now_ms: i64) -> Result<KvAnswer, KvError> {
        let (effect, answer) = change.on(self.get(&key, now_ms))?;
        match effect {
            KvEffect::Keep => {}
            KvEffect::Put(entry) => drop(self.kept.insert(key, entry)),
            KvEffect::Remove => drop(self.kept.remove(&key)),
        }
        Ok(answer)
    }

    /// Whether the log does not know yet that the storage fails: once for each call, however often it is tried.
    pub(crate) const fn is_first_failure(&mut self) -> bool {
        !std::mem::replace(&mut self.is_said, true)
    }
}
