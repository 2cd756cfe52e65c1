//! Looking at one's passkeys, and removing them.

use super::Services;
use crate::adapters::Change;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, RequestContext};
use crate::passkey::Passkey;
use crate::services::{Caller, enqueue};

impl Services {
    /// The caller's passkeys, the oldest first.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn list_passkeys(&self, caller: &Caller) -> Result<Vec<Passkey>, AuthError> {
        Ok(self.adapters.passkeys.list_passkeys(&caller.user.id).await?)
    }

    /// Removes a passkey of the caller. Logins that began with it go on.
    ///
    /// # Errors
    /// [`AuthError::PasskeyNotFound`], also for somebody else's.
    pub async fn delete_passkey(
        &self,
        request: &RequestContext,
        caller: &Caller,
        id: &str,
    ) -> Result<(), AuthError> {
        let user = &caller.user;
        let passkey = self.adapters.passkeys.get_passkey(id).await?;
        let passkey = passkey.filter(|passkey| passkey.user_id == user.id);
        let passkey = passkey.ok_or(AuthError::PasskeyNotFound)?;
        let mut changes = vec![Change::DeletePasskey(passkey.id.clone())];
        let event = Event::new(Hook::OnPasskeyDeleted, user.clone(), request.clone());
        changes.extend(enqueue(&*self.hooks.pin(), event.about(passkey)));
        self.commit(changes).await?;
        Ok(())
    }
}
