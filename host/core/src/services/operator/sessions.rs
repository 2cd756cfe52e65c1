//! The operator's view of logins.

use super::{Operator, OperatorError};
use crate::adapters::Change;
use crate::hooks::Hook;
use crate::ids::SessionId;
use crate::session::Session;
use crate::token::TokenKind;
use crate::user::User;

impl Operator {
    /// A user's logins, the oldest first.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn list_sessions(&self, user: &User) -> Result<Vec<Session>, OperatorError> {
        Ok(self.adapters.sessions.list_user_sessions(&user.id, self.clock.now()).await?)
    }

    /// Ends one login and its refresh tokens.
    ///
    /// # Errors
    /// [`OperatorError::SessionNotFound`].
    pub async fn revoke_session(&self, id: &str) -> Result<(), OperatorError> {
        let not_found = || OperatorError::SessionNotFound(id.to_owned());
        let session = self.adapters.sessions.get_session(&SessionId::from(id), self.clock.now()).await?;
        let session = session.ok_or_else(not_found)?;
        let user = self.adapters.users.get_user_by_id(&session.user_id).await?;
        let event = user.map(|user| self.tell(Hook::OnSessionRevoke, user, Some(id)));
        let changes = event.into_iter().chain([Change::DeleteSession(session.id)]).collect();
        self.commit(changes, |_| None).await
    }

    /// Ends every login of a user, and says how many there were.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn revoke_user_sessions(&self, user: &User) -> Result<usize, OperatorError> {
        let count = self.list_sessions(user).await?.len();
        let changes = vec![
            Change::DeleteUserTokens { user: user.id.clone(), kind: Some(TokenKind::Refresh) },
            Change::DeleteUserSessions(user.id.clone()),
            self.tell(Hook::OnSessionRevoke, user.clone(), Some("")),
        ];
        self.commit(changes, |_| None).await?;
        Ok(count)
    }
}
