//! Short-lived state by key, in memory.

use async_trait::async_trait;
use hookgate_core::adapters::{SessionBackend, StoreResult};
use hookgate_core::clock::Timestamp;
use serde_json::Value;

use super::memory_state::{Memory, State};
use super::rows::StateEntry;

impl State {
    fn live_entry(&self, key: &String, now: Timestamp) -> Option<&StateEntry> {
        self.entries.get(key).filter(|entry| now < entry.expires_at)
    }
}

#[async_trait]
impl SessionBackend for Memory {
    async fn read(&self, key: &str, now: Timestamp) -> StoreResult<Option<Value>> {
        self.look(|state| state.live_entry(&key.to_owned(), now).map(|entry| entry.value.clone()))
    }

    async fn write(&self, key: &str, value: Value, expires_at: Timestamp) -> StoreResult<()> {
        self.change(|state| {
            state.entries.put(key.to_owned(), StateEntry { value, expires_at });
            Ok(())
        })
    }

    async fn delete(&self, key: &str) -> StoreResult<()> {
        self.change(|state| {
            state.entries.remove(&key.to_owned());
            Ok(())
        })
    }

    async fn take(&self, key: &str, now: Timestamp) -> StoreResult<Option<Value>> {
        let key = key.to_owned();
        self.change(|state| {
            let value = state.live_entry(&key, now).map(|entry| entry.value.clone());
            if value.is_some() {
                state.entries.remove(&key);
            }
            Ok(value)
        })
    }

    async fn cleanup_expired_state(&self, now: Timestamp, limit: usize) -> StoreResult<usize> {
        self.change(|state| Ok(state.entries.remove_where(limit, |_, entry| entry.expires_at <= now)))
    }
}
