//! What a token is, and taking one back.

use serde_json::Value;

use super::{Caller, Services};
use crate::JsonObject;
use crate::adapters::{Change, StoreResult};
use crate::clock::Timestamp;
use crate::error::AuthError;
use crate::hooks::{RequestContext, TokenUse};
use crate::ids::UserId;
use crate::role::ADMIN;
use crate::session::Session;
use crate::settings::SessionStrategy;
use crate::token::{TokenKey, TokenKind};
use crate::tokens::{Claims, TokenSubject};
use crate::user::User;

/// An active token (RFC 7662 section 2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introspection {
    /// Whose it is.
    pub user_id: UserId,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The claim `jti`, or the id of the session.
    pub id: Option<String>,
    /// `access`, `refresh` or `session`.
    pub kind: &'static str,
    /// The claim `email`, or the user's address.
    pub email: Option<String>,
}

impl Services {
    /// What a token says, if it is active: signed here, not expired, of an active user and, for a
    /// refresh token, not spent; with `check_session` an access token needs its session. A session token
    /// is active as long as its session. Everybody may ask about their own tokens, administrators about
    /// all; FastAuth lets everybody ask about anybody's.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn introspect(&self, caller: &Caller, token: &str) -> Result<Option<Introspection>, AuthError> {
        let found = match self.read_session(token).await? {
            Some((session, user)) => user.is_active.then_some(Introspection {
                user_id: user.id,
                expires_at: session.expires_at,
                id: Some(session.id.0),
                kind: "session",
                email: Some(user.email),
            }),
            None => self.introspect_jwt(token).await?,
        };
        let Some(found) = found else { return Ok(None) };
        let may_know = found.user_id == caller.user.id || self.has_role(&caller.user.id, ADMIN).await?;
        Ok(may_know.then_some(found))
    }

    async fn introspect_jwt(&self, token: &str) -> StoreResult<Option<Introspection>> {
        let Some((subject, token_use, claims)) = self.read_token(token).await? else { return Ok(None) };
        let user = match token_use {
            TokenUse::Access => self.find_subject(&subject).await?,
            TokenUse::Refresh => self.adapters.users.get_user_by_id(&subject.user_id).await?,
        };
        if !user.is_some_and(|user| user.is_active) {
            return Ok(None);
        }
        if token_use == TokenUse::Refresh {
            let Some(jti) = &subject.jti else { return Ok(None) };
            let key = TokenKey::of(jti);
            let now = self.clock.now();
            if self.adapters.tokens.get_token(&key, TokenKind::Refresh, now).await?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(Introspection {
            user_id: subject.user_id,
            expires_at: subject.expires_at,
            id: subject.jti,
            kind: token_use.as_str(),
            email: claims.get("email").and_then(Value::as_str).map(str::to_owned),
        }))
    }

    /// Takes a refresh token of the caller's back (RFC 7009), and ends the session that it belongs to.
    /// One that is spent already is no error. A session token is taken back by ending its session.
    ///
    /// # Errors
    /// [`AuthError::TokenInvalid`], [`AuthError::OnlyRefreshTokens`], [`AuthError::TokenOfAnother`].
    pub async fn revoke_token(
        &self,
        request: &RequestContext,
        caller: &Caller,
        token: &str,
    ) -> Result<(), AuthError> {
        if let Some((session, user)) = self.read_session(token).await? {
            if user.id != caller.user.id {
                return Err(AuthError::TokenOfAnother);
            }
            return self.revoke_session(request, caller, &session.id).await;
        }
        let (subject, token_use, _) = self.read_token(token).await?.ok_or(AuthError::TokenInvalid)?;
        if token_use != TokenUse::Refresh {
            return Err(AuthError::OnlyRefreshTokens);
        }
        if subject.user_id != caller.user.id {
            return Err(AuthError::TokenOfAnother);
        }
        let jti = subject.jti.ok_or(AuthError::TokenInvalid)?;
        let mut changes = vec![Change::DeleteToken(TokenKey::of(&jti))];
        changes.extend(subject.session_id.map(Change::DeleteSession));
        self.commit(changes).await?;
        Ok(())
    }

    /// The session of a session token, with its user.
    async fn read_session(&self, token: &str) -> StoreResult<Option<(Session, User)>> {
        match self.settings.session_strategy {
            SessionStrategy::Jwt => Ok(None),
            SessionStrategy::Database => {
                let key = TokenKey::of(token);
                self.adapters.sessions.get_session_by_key(&key, self.clock.now()).await
            }
        }
    }

    /// A token of either kind whose signature and dates are good.
    async fn read_token(&self, token: &str) -> StoreResult<Option<(TokenSubject, TokenUse, JsonObject)>> {
        let Some(claims) = self.signer.verify(token).await? else { return Ok(None) };
        let checker = Claims::new(&self.settings.jwt, self.clock.now());
        let found = [TokenUse::Access, TokenUse::Refresh]
            .into_iter()
            .find_map(|token_use| Some((checker.check(&claims, token_use).ok()?, token_use)));
        Ok(found.map(|(subject, token_use)| (subject, token_use, claims)))
    }
}
