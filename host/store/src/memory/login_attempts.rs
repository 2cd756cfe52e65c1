//! Failed sign-ins in memory.

use std::collections::BTreeSet;

use async_trait::async_trait;
use hookgate_core::adapters::{
    Change, LockoutRule, LoginAttemptAdapter, LoginAttempts, StoreResult, Transactions as _,
};
use hookgate_core::clock::Timestamp;

use super::memory_state::{Memory, State};
use crate::lockout::{self, AttemptRecord};

impl State {
    pub(super) fn record_failure(
        &mut self,
        keys: Vec<String>,
        rule: LockoutRule,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let first = keys.first().cloned();
        let mut locks = false;
        // A key that is named twice failed once.
        for key in keys.into_iter().collect::<BTreeSet<_>>() {
            let old = self.login_attempts.get(&key).copied();
            if let Some(new) = AttemptRecord::after_failure(old, rule, now) {
                locks |= new.locked_until.is_some() && first.as_ref() == Some(&key);
                self.login_attempts.put(key, new);
            }
        }
        Ok(locks)
    }

    pub(super) fn clear_attempts(&mut self, keys: &[String]) -> StoreResult<()> {
        for key in keys {
            self.login_attempts.remove(key);
        }
        Ok(())
    }
}

#[async_trait]
impl LoginAttemptAdapter for Memory {
    async fn get_attempts(&self, keys: &[String], now: Timestamp) -> StoreResult<LoginAttempts> {
        self.look(|state| {
            lockout::sum(keys.iter().filter_map(|key| state.login_attempts.get(key).copied()), now)
        })
    }

    async fn record_failure(&self, keys: &[String], rule: LockoutRule, now: Timestamp) -> StoreResult<bool> {
        self.change(|state| state.record_failure(keys.to_vec(), rule, now))
    }

    async fn clear_attempts(&self, keys: &[String]) -> StoreResult<()> {
        self.commit(vec![Change::ClearLoginAttempts(keys.to_vec())]).await
    }

    async fn cleanup_expired_attempts(&self, now: Timestamp, limit: usize) -> StoreResult<usize> {
        self.change(|state| {
            Ok(state.login_attempts.remove_where(limit, |_, record| record.expires_at <= now))
        })
    }
}
