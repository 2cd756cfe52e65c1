//! What plugins remember, in memory.

use async_trait::async_trait;
use hookgate_core::adapters::{
    KvAnswer, KvChange, KvEffect, KvEntry, KvError, KvQuota, KvUsage, PluginKvAdapter, StoreResult,
};

use super::memory_state::{Memory, State};

impl State {
    fn kv_usage(&self, plugin: &str) -> KvUsage {
        self.plugin_kv
            .range((plugin.to_owned(), String::new())..)
            .take_while(|((owner, _), _)| owner == plugin)
            .fold(KvUsage::default(), |usage, ((_, key), entry)| usage.plus(key, &entry.value))
    }

    fn kv_change(
        &mut self,
        place: (String, String),
        change: KvChange,
        quota: KvQuota,
        now_ms: i64,
    ) -> Result<KvAnswer, KvError> {
        let old = self.plugin_kv.get(&place).filter(|entry| entry.is_live(now_ms));
        let (effect, answer) = change.on(old)?;
        match effect {
            KvEffect::Keep => {}
            KvEffect::Remove => drop(self.plugin_kv.remove(&place)),
            KvEffect::Put(new) => {
                self.kv_fits(&place, &new, quota).or_else(|_| {
                    let (plugin, _) = &place;
                    let is_over = |(owner, _): &(String, String), entry: &KvEntry| {
                        owner == plugin && !entry.is_live(now_ms)
                    };
                    self.plugin_kv.remove_where(usize::MAX, is_over);
                    self.kv_fits(&place, &new, quota)
                })?;
                self.plugin_kv.put(place, new);
            }
        }
        Ok(answer)
    }

    fn kv_fits(&self, place: &(String, String), new: &KvEntry, quota: KvQuota) -> Result<(), KvError> {
        let (plugin, key) = place;
        let before = self.kv_usage(plugin);
        let without = self.plugin_kv.get(place).map_or(before, |old| before.minus(key, &old.value));
        quota.check(before, without.plus(key, &new.value))
    }
}

#[async_trait]
impl PluginKvAdapter for Memory {
    async fn kv_get(&self, plugin: &str, key: &str, now_ms: i64) -> StoreResult<Option<Vec<u8>>> {
        let place = (plugin.to_owned(), key.to_owned());
        self.look(|state| {
            state.plugin_kv.get(&place).filter(|entry| entry.is_live(now_ms)).map(|entry| entry.value.clone())
        })
    }

    async fn kv_change(
        &self,
        plugin: &str,
        key: &str,
        change: KvChange,
        quota: KvQuota,
        now_ms: i64,
    ) -> Result<KvAnswer, KvError> {
        let place = (plugin.to_owned(), key.to_owned());
        self.change(|state| Ok(state.kv_change(place, change, quota, now_ms)))?
    }

    async fn kv_usage(&self, plugin: &str) -> StoreResult<KvUsage> {
        self.look(|state| state.kv_usage(plugin))
    }

    async fn cleanup_expired_kv(&self, now_ms: i64, limit: usize) -> StoreResult<usize> {
        self.change(|state| Ok(state.plugin_kv.remove_where(limit, |_, entry| !entry.is_live(now_ms))))
    }
}
