//! A new password, set by someone who knows the old one.

use super::{Caller, Services, enqueue};
use crate::adapters::Change;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, RequestContext};
use crate::token::TokenKind;

impl Services {
    /// Sets a new password and ends every login of the user, the caller's included. Links that were
    /// mailed before are spent.
    ///
    /// # Errors
    /// [`AuthError::CurrentPasswordIncorrect`], also for accounts without one;
    /// [`AuthError::PasswordPolicy`], [`AuthError::Busy`].
    pub async fn change_password(
        &self,
        request: &RequestContext,
        caller: &Caller,
        current: String,
        new: String,
    ) -> Result<(), AuthError> {
        if !self.is_callers_password(request, caller, current).await? {
            return Err(AuthError::CurrentPasswordIncorrect);
        }
        self.settings.password.check(&new)?;
        let hash = Some(self.hasher.hash(new).await?);
        let user = caller.user.id.clone();
        let token_changes = [TokenKind::Refresh, TokenKind::PasswordReset, TokenKind::MagicLink]
            .map(|kind| Change::DeleteUserTokens { user: user.clone(), kind: Some(kind) });
        let mut changes = vec![Change::SetPassword { id: user.clone(), hash, now: self.clock.now() }];
        changes.extend(token_changes);
        changes.push(Change::DeleteUserSessions(user));
        let event = Event::new(Hook::OnPasswordChange, caller.user.clone(), request.clone());
        changes.extend(enqueue(&*self.hooks.pin(), event));
        self.commit(changes).await?;
        Ok(())
    }
}
