//! Leaving.

use super::{Caller, Services, enqueue};
use crate::adapters::Change;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, RequestContext};
use crate::user::User;

impl Services {
    /// Deactivates the caller's account and forgets every token and session of it. The address stays
    /// taken, as in FastAuth.
    ///
    /// # Errors
    /// [`AuthError::PasswordIncorrect`], also for accounts without one.
    pub async fn delete_account(
        &self,
        request: &RequestContext,
        caller: &Caller,
        password: String,
    ) -> Result<(), AuthError> {
        if !self.is_callers_password(request, caller, password).await? {
            return Err(AuthError::PasswordIncorrect);
        }
        let id = caller.user.id.clone();
        let mut changes = vec![
            Change::DeleteUser { id: id.clone(), soft: true, now: self.clock.now() },
            Change::DeleteUserTokens { user: id.clone(), kind: None },
            Change::DeleteUserSessions(id),
        ];
        let gone = User { is_active: false, ..caller.user.clone() };
        let event = Event::new(Hook::OnAccountDelete, gone, request.clone());
        changes.extend(enqueue(&*self.hooks.pin(), event));
        self.commit(changes).await?;
        Ok(())
    }
}
