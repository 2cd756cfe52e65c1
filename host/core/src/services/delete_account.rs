//! Leaving.

use super::{Caller, Services, enqueue};
use crate::adapters::Change;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, RequestContext};
use crate::ids::UserId;
use crate::token::TokenKind;
use crate::user::User;

impl Services {
    /// Deactivates the caller's account and forgets every token and session of it. The address stays
    /// taken, as in FastAuth. A magic link stays too, so that who follows it is told what is the matter.
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
        let mut changes = vec![Change::DeleteUser { id: id.clone(), soft: true, now: self.clock.now() }];
        changes.extend(end_of_use(&id));
        changes.push(Change::DeleteUserTokens { user: id, kind: Some(TokenKind::Verification) });
        let gone = User { is_active: false, ..caller.user.clone() };
        let event = Event::new(Hook::OnAccountDelete, gone, request.clone());
        changes.extend(enqueue(&*self.hooks.pin(), event));
        self.commit(changes).await?;
        Ok(())
    }
}

/// What ends with an account that nobody may use any more: sessions, and the tokens that would change it. What
/// is left lets nobody in.
pub(super) fn end_of_use(user: &UserId) -> impl Iterator<Item = Change> {
    let kinds = [TokenKind::Refresh, TokenKind::PasswordReset, TokenKind::EmailChange];
    let tokens = kinds.map(|kind| Change::DeleteUserTokens { user: user.clone(), kind: Some(kind) });
    tokens.into_iter().chain([Change::DeleteUserSessions(user.clone())])
}
