//! Signing out.

use super::{Caller, Services, enqueue};
use crate::adapters::Change;
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, RequestContext};
use crate::settings::SessionStrategy;
use crate::token::TokenKind;

impl Services {
    /// Ends the caller's login. With `session_strategy = "jwt"` that is, as in FastAuth, every login of
    /// the user; with `"database"` it is the session whose token was presented.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn logout(&self, request: &RequestContext, caller: &Caller) -> Result<(), AuthError> {
        let user = caller.user.id.clone();
        let mut changes = match (self.settings.session_strategy, &caller.session_id) {
            (SessionStrategy::Database, Some(session)) => vec![Change::DeleteSession(session.clone())],
            (SessionStrategy::Database, None) | (SessionStrategy::Jwt, _) => vec![
                Change::DeleteUserTokens { user: user.clone(), kind: Some(TokenKind::Refresh) },
                Change::DeleteUserSessions(user),
            ],
        };
        let event = Event::new(Hook::OnSignout, caller.user.clone(), request.clone());
        changes.extend(enqueue(&*self.hooks.pin(), event));
        self.commit(changes).await?;
        Ok(())
    }
}
