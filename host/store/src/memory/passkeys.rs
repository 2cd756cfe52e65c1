//! WebAuthn credentials in memory.

use async_trait::async_trait;
use hookgate_core::adapters::{Change, Conflict, PasskeyAdapter, StoreResult, Transactions as _};
use hookgate_core::clock::Timestamp;
use hookgate_core::ids::UserId;
use hookgate_core::passkey::{Passkey, PasskeyUse};

use super::memory_state::{Memory, State};

impl State {
    pub(super) fn create_passkey(&mut self, passkey: Passkey) -> StoreResult<()> {
        if self.passkeys.contains(&passkey.id) {
            return Err(Conflict::PasskeyExists.into());
        }
        self.require_user(&passkey.user_id)?;
        self.passkeys.put(passkey.id.clone(), passkey);
        Ok(())
    }

    pub(super) fn update_passkey(
        &mut self,
        id: &String,
        used: PasskeyUse,
        now: Timestamp,
    ) -> StoreResult<()> {
        let known = self.passkeys.get(id).ok_or(Conflict::PasskeyMissing)?.sign_count;
        if (known, used.sign_count) != (0, 0) && used.sign_count <= known {
            return Err(Conflict::PasskeyCounter.into());
        }
        self.passkeys.update(id, |passkey| {
            passkey.sign_count = used.sign_count;
            passkey.backup_eligible.get_or_insert(used.backup_eligible);
            passkey.last_used_at = Some(now);
        });
        Ok(())
    }

    pub(super) fn delete_passkey(&mut self, id: &String) -> StoreResult<()> {
        self.passkeys.remove(id);
        Ok(())
    }

    pub(super) fn delete_user_passkeys(&mut self, user: &UserId) -> StoreResult<()> {
        self.passkeys.remove_where(usize::MAX, |_, passkey| passkey.user_id == *user);
        Ok(())
    }
}

#[async_trait]
impl PasskeyAdapter for Memory {
    async fn create_passkey(&self, passkey: Passkey) -> StoreResult<()> {
        self.commit(vec![Change::CreatePasskey(passkey)]).await
    }

    async fn get_passkey(&self, id: &str) -> StoreResult<Option<Passkey>> {
        self.look(|state| state.passkeys.get(&id.to_owned()).cloned())
    }

    async fn list_passkeys(&self, user: &UserId) -> StoreResult<Vec<Passkey>> {
        let mut passkeys: Vec<Passkey> = self.look(|state| {
            state.passkeys.values().filter(|passkey| passkey.user_id == *user).cloned().collect()
        })?;
        // Stable: of the same second in the order of their ids.
        passkeys.sort_by_key(|passkey| passkey.created_at);
        Ok(passkeys)
    }

    async fn update_passkey(&self, id: &str, used: PasskeyUse, now: Timestamp) -> StoreResult<()> {
        self.commit(vec![Change::UpdatePasskey { id: id.to_owned(), used, now }]).await
    }

    async fn delete_passkey(&self, id: &str) -> StoreResult<()> {
        self.commit(vec![Change::DeletePasskey(id.to_owned())]).await
    }

    async fn delete_user_passkeys(&self, user: &UserId) -> StoreResult<()> {
        self.commit(vec![Change::DeleteUserPasskeys(user.clone())]).await
    }
}
