//! The operator's view of logins.

use super::{Operator, OperatorError};
use crate::adapters::Change;
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
        self.commit(vec![Change::DeleteSession(session.id)], |_| None).await
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
        ];
        self.commit(changes, |_| None).await?;
        Ok(count)
    }
}
