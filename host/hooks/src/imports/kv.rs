//! `kv`: what a plugin remembers, in the server's storage.
//!
//! The namespace is the plugin's name, which the host knows and the guest never says.

use hookgate_core::adapters::{KvAnswer, KvChange, KvEntry, KvError, KvQuota};

use crate::contract::bindings::host::hookgate::hooks::kv::{Error, Host};
use crate::plugin::limits::{Limits, size};
use crate::state::CallState;

/// As the WIT promises.
const MAX_KEY: usize = 256;

impl Host for CallState {
    async fn get(&mut self, key: String) -> Result<Option<Vec<u8>>, Error> {
        self.host_calls().enter();
        let found = self.look_up(key).await;
        self.host_calls().leave();
        found
    }

    async fn set(&mut self, key: String, value: Vec<u8>, ttl_seconds: Option<u32>) -> Result<(), Error> {
        let entry = self.entry(value, ttl_seconds)?;
        self.change(key, KvChange::Set(entry)).await.map(drop)
    }

    async fn delete(&mut self, key: String) -> Result<(), Error> {
        self.change(key, KvChange::Delete).await.map(drop)
    }

    async fn increment(&mut self, key: String, by: i64, ttl_seconds: Option<u32>) -> Result<i64, Error> {
        let change = KvChange::Increment { by, expires_ms: self.end(ttl_seconds) };
        match self.change(key, change).await? {
            KvAnswer::Sum(sum) => Ok(sum),
            KvAnswer::Done | KvAnswer::Matched(_) => Err(Error::Unavailable),
        }
    }

    async fn compare_and_set(
        &mut self,
        key: String,
        expected: Option<Vec<u8>>,
        value: Option<Vec<u8>>,
        ttl_seconds: Option<u32>,
    ) -> Result<bool, Error> {
        let new = value.map(|value| self.entry(value, ttl_seconds)).transpose()?;
        match self.change(key, KvChange::CompareAndSet { expected, new }).await? {
            KvAnswer::Matched(matched) => Ok(matched),
            KvAnswer::Done | KvAnswer::Sum(_) => Err(Error::Unavailable),
        }
    }
}

impl CallState {
    async fn look_up(&mut self, key: String) -> Result<Option<Vec<u8>>, Error> {
        check_key(&key)?;
        let now_ms = self.services().clock.now_ms();
        if self.is_trial() {
            return Ok(self.scratch().get(&key, now_ms).map(|entry| entry.value.clone()));
        }
        let Some(kv) = self.services().kv.clone() else { return Err(Error::Unavailable) };
        kv.kv_get(&self.plugin().name, &key, now_ms).await.map_err(|error| self.kv_failed(&error.into()))
    }

    async fn change(&mut self, key: String, change: KvChange) -> Result<KvAnswer, Error> {
        self.host_calls().enter();
        let answer = self.write(key, change).await;
        self.host_calls().leave();
        answer
    }

    async fn write(&mut self, key: String, change: KvChange) -> Result<KvAnswer, Error> {
        check_key(&key)?;
        let now_ms = self.services().clock.now_ms();
        if self.is_trial() {
            return self.scratch().change(key, change, now_ms).map_err(|error| self.kv_failed(&error));
        }
        let Some(kv) = self.services().kv.clone() else { return Err(Error::Unavailable) };
        let quota = quota(&self.plugin().limits);
        kv.kv_change(&self.plugin().name, &key, change, quota, now_ms)
            .await
            .map_err(|error| self.kv_failed(&error))
    }

    fn entry(&self, value: Vec<u8>, ttl_seconds: Option<u32>) -> Result<KvEntry, Error> {
        let limit = self.plugin().limits.kv_value_bytes;
        if value.len() > size(limit) {
            return Err(Error::Invalid(format!("the value is longer than {limit} bytes (`kv_value_bytes`)")));
        }
        Ok(KvEntry { value, expires_ms: self.end(ttl_seconds) })
    }

    fn end(&self, ttl_seconds: Option<u32>) -> Option<i64> {
        ttl_seconds.map(|seconds| self.services().clock.now_ms().saturating_add(i64::from(seconds) * 1000))
    }

    /// What the guest is told. What the storage said is for the operator alone.
    fn kv_failed(&mut self, error: &KvError) -> Error {
        match error {
            KvError::NotANumber => Error::NotANumber,
            KvError::TooManyEntries(limit) => {
                Error::Quota(format!("all of its {limit} entries are used (`kv_entries`)"))
            }
            KvError::TooManyBytes(limit) => {
                Error::Quota(format!("there is no room for it in {limit} bytes (`kv_bytes`)"))
            }
            KvError::Store(error) => {
                if self.scratch().is_first_failure() {
                    tracing::error!(
                        plugin = &*self.plugin().name,
                        request.id = &*self.context().request.id,
                        %error,
                        "what a plugin wants to keep can't be read or written"
                    );
                }
                Error::Unavailable
            }
        }
    }
}

fn check_key(key: &str) -> Result<(), Error> {
    match key.len() {
        0 => Err(Error::Invalid("the key is empty".to_owned())),
        1..=MAX_KEY => Ok(()),
        _ => Err(Error::Invalid(format!("the key is longer than {MAX_KEY} bytes"))),
    }
}

const fn quota(limits: &Limits) -> KvQuota {
    KvQuota { entries: limits.kv_entries, bytes: limits.kv_bytes }
}
