//! What a user sees and ends of their logins.

use super::{Caller, Services, enqueue};
use crate::adapters::Change;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, RequestContext};
use crate::ids::SessionId;
use crate::session::Session;
use crate::token::TokenKind;
use crate::user::User;

impl Services {
    /// The caller's logins, the oldest first.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn list_sessions(&self, caller: &Caller) -> Result<Vec<Session>, AuthError> {
        let now = self.clock.now();
        Ok(self.adapters.sessions.list_user_sessions(&caller.user.id, now).await?)
    }

    /// The login behind the caller's token.
    ///
    /// # Errors
    /// [`AuthError::SessionNotFound`] if it was ended, or the token knows of none.
    pub async fn current_session(&self, caller: &Caller) -> Result<Session, AuthError> {
        let id = caller.session_id.as_ref().ok_or(AuthError::SessionNotFound)?;
        self.own_session(caller, id).await
    }

    /// Ends one login and its refresh tokens.
    ///
    /// # Errors
    /// [`AuthError::SessionNotFound`] if there is none, or it is somebody else's.
    pub async fn revoke_session(
        &self,
        request: &RequestContext,
        caller: &Caller,
        id: &SessionId,
    ) -> Result<(), AuthError> {
        let session = self.own_session(caller, id).await?;
        let mut changes = vec![Change::DeleteSession(session.id)];
        changes.extend(self.revoked(request, &caller.user, id.as_str()));
        self.commit(changes).await?;
        Ok(())
    }

    /// Ends all of the caller's logins, this one included.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn revoke_all_sessions(
        &self,
        request: &RequestContext,
        caller: &Caller,
    ) -> Result<(), AuthError> {
        let user = caller.user.id.clone();
        let mut changes = vec![
            Change::DeleteUserTokens { user: user.clone(), kind: Some(TokenKind::Refresh) },
            Change::DeleteUserSessions(user),
        ];
        changes.extend(self.revoked(request, &caller.user, ""));
        self.commit(changes).await?;
        Ok(())
    }

    /// Tells plugins of an ended session; an empty id stands for all of them.
    fn revoked(&self, request: &RequestContext, user: &User, session: &str) -> Option<Change> {
        let event = Event::new(Hook::OnSessionRevoke, user.clone(), request.clone()).saying(session);
        enqueue(&*self.hooks.pin(), event)
    }

    async fn own_session(&self, caller: &Caller, id: &SessionId) -> Result<Session, AuthError> {
        let session = self.adapters.sessions.get_session(id, self.clock.now()).await?;
        session.filter(|session| session.user_id == caller.user.id).ok_or(AuthError::SessionNotFound)
    }
}
