//! The server's own signing keys, in memory.

use async_trait::async_trait;
use hookgate_core::adapters::{SigningKeyAdapter, StoreResult};
use hookgate_core::signing_key::SigningKey;

use super::memory_state::Memory;

#[async_trait]
impl SigningKeyAdapter for Memory {
    async fn list_signing_keys(&self) -> StoreResult<Vec<SigningKey>> {
        self.look(|state| state.signing_keys.values().cloned().collect())
    }

    async fn add_signing_key(&self, key: SigningKey, newest: Option<&str>) -> StoreResult<bool> {
        self.change(|state| {
            let last = state.signing_keys.range(..).last();
            if last.map(|(_, key)| key.kid.as_str()) != newest {
                return Ok(false);
            }
            let number = last.map_or(0, |(number, _)| number + 1);
            state.signing_keys.put(number, key);
            Ok(true)
        })
    }

    async fn raise_longest_ttl(&self, kid: &str, ttl: i64) -> StoreResult<()> {
        self.change(|state| {
            let number =
                state.signing_keys.range(..).find(|(_, key)| key.kid == kid).map(|(number, _)| *number);
            if let Some(number) = number {
                state.signing_keys.update(&number, |key| key.longest_ttl = key.longest_ttl.max(ttl));
            }
            Ok(())
        })
    }

    async fn delete_signing_key(&self, kid: &str) -> StoreResult<()> {
        self.change(|state| {
            state.signing_keys.remove_where(1, |_, key| key.kid == kid);
            Ok(())
        })
    }
}
