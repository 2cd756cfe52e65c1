//! Who is calling?

use super::Services;
use crate::adapters::StoreResult;
use crate::error::AuthError;
use crate::hooks::TokenUse;
use crate::ids::SessionId;
use crate::settings::SessionStrategy;
use crate::token::TokenKey;
use crate::tokens::{Claims, TokenSubject};
use crate::user::User;

/// A caller whose token is good.
#[derive(Clone, Debug)]
pub struct Caller {
    /// As stored now.
    pub user: User,
    /// The login behind the token; none for tokens of other makers.
    pub session_id: Option<SessionId>,
}

impl Caller {
    /// The caller, if the account may be used.
    ///
    /// # Errors
    /// [`AuthError::AccountDeactivated`].
    pub fn require_active(self) -> Result<Self, AuthError> {
        if self.user.is_active { Ok(self) } else { Err(AuthError::AccountDeactivated) }
    }
}

impl Services {
    /// The user behind an access token or, with `session_strategy = "database"`, a session token.
    /// Whether the account is active is not asked here: HTTP has a check that comes in between.
    ///
    /// # Errors
    /// [`AuthError::NotAuthenticated`], whatever is wrong with the token.
    pub async fn authenticate(&self, token: &str) -> Result<Caller, AuthError> {
        match self.settings.session_strategy {
            SessionStrategy::Jwt => self.authenticate_jwt(token).await,
            SessionStrategy::Database => self.authenticate_session(token).await,
        }
    }

    async fn authenticate_jwt(&self, token: &str) -> Result<Caller, AuthError> {
        let claims = self.signer.verify(token).await?.ok_or(AuthError::NotAuthenticated)?;
        let subject = Claims::new(&self.settings.jwt, self.clock.now())
            .check(&claims, TokenUse::Access)
            .map_err(|_| AuthError::NotAuthenticated)?;
        let user = self.find_subject(&subject).await?.ok_or(AuthError::NotAuthenticated)?;
        Ok(Caller { user, session_id: subject.session_id })
    }

    /// The user of an access token. With `check_session` there is none once the session has ended, be it
    /// alone or with all others of the user. Every end of sessions is a change of the store, and every
    /// login has a session of its own, so this is exact where a comparison of `iat` with a date would be
    /// wrong by up to a second. A token that names no session can't be checked, and is refused.
    pub(super) async fn find_subject(&self, subject: &TokenSubject) -> StoreResult<Option<User>> {
        if !self.settings.jwt.check_session {
            return self.adapters.users.get_user_by_id(&subject.user_id).await;
        }
        let Some(session) = &subject.session_id else { return Ok(None) };
        let found = self.adapters.sessions.get_session_with_user(session, self.clock.now()).await?;
        Ok(found.map(|(_, user)| user).filter(|user| user.id == subject.user_id))
    }

    async fn authenticate_session(&self, token: &str) -> Result<Caller, AuthError> {
        let key = TokenKey::of(token);
        let found = self.adapters.sessions.get_session_by_key(&key, self.clock.now()).await?;
        let (session, user) = found.ok_or(AuthError::NotAuthenticated)?;
        Ok(Caller { user, session_id: Some(session.id) })
    }
}
