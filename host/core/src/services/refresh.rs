//! A refresh token for a new pair.

use serde_json::Value;

use super::{Services, SignedIn, enqueue};
use crate::adapters::{Change, Conflict, StoreError};
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, HookContext, RequestContext, TokenUse};
use crate::ids::SessionId;
use crate::settings::GateMoment;
use crate::token::{Token, TokenKey, TokenKind};
use crate::tokens::Claims;
use crate::user::User;

impl Services {
    /// Exchanges a refresh token (RFC 6749 section 6) and spends it.
    ///
    /// The old token is consumed and the new one stored in one transaction, after the plugins: if one
    /// fails, the old token stays usable. A token that was spent or revoked before ends all of the
    /// user's sessions (RFC 9700 section 4.14.2; FastAuth ends them all, not just one login's).
    ///
    /// # Errors
    /// [`AuthError::RefreshTokenInvalid`], [`AuthError::RefreshTokenReused`], [`AuthError::Denied`],
    /// [`AuthError::HookFailed`].
    pub async fn refresh(&self, request: &RequestContext, token: &str) -> Result<SignedIn, AuthError> {
        let (user, stored) = self.find_refresh_token(token).await?;
        let Some(stored) = stored else {
            return Err(self.end_reused(user, request).await);
        };

        let chain = self.hooks.pin();
        let context = HookContext::of(request.clone());
        let gate_context = context.clone().by("refresh");
        self.pass_gate(&*chain, GateMoment::Refresh, &gate_context, &user).await?;
        // Tokens from before sessions were kept have none; they get one that lists nowhere.
        let session = stored.session_id.clone().unwrap_or_else(SessionId::generate);
        let ttl = stored.data.get("ttl").and_then(Value::as_i64);
        let ttl = ttl.unwrap_or(self.settings.jwt.refresh_token_ttl);
        let mut issued = self.issue_pair(&*chain, &context, &user, &session, ttl).await?;
        issued.refresh.session_id.clone_from(&stored.session_id);

        let now = self.clock.now();
        let mut changes = vec![Change::ConsumeToken { key: stored.key, kind: TokenKind::Refresh, now }];
        if let Some(id) = stored.session_id {
            changes.push(Change::ExtendSession { id, expires_at: now.plus(ttl) });
        }
        changes.push(Change::CreateToken(issued.refresh));
        changes.extend(enqueue(&*chain, Event::new(Hook::OnTokenRefresh, user.clone(), request.clone())));
        match self.commit(changes).await {
            Ok(()) => Ok(SignedIn::Tokens(issued.pair)),
            Err(StoreError::Conflict(Conflict::TokenSpent)) => Err(self.end_reused(user, request).await),
            Err(StoreError::Conflict(Conflict::UserMissing | Conflict::SessionMissing)) => {
                Err(AuthError::RefreshTokenInvalid)
            }
            Err(other) => Err(other.into()),
        }
    }

    /// The active user of a refresh token, and the token if it was not spent yet.
    async fn find_refresh_token(&self, token: &str) -> Result<(User, Option<Token>), AuthError> {
        let now = self.clock.now();
        let invalid = || AuthError::RefreshTokenInvalid;
        let claims = self.signer.verify(token).ok_or_else(invalid)?;
        let subject =
            Claims::new(&self.settings.jwt, now).check(&claims, TokenUse::Refresh).map_err(|_| invalid())?;
        let key = TokenKey::of(&subject.jti.ok_or_else(invalid)?);
        let found = self.adapters.tokens.get_token_with_user(&key, TokenKind::Refresh, now).await?;
        let (user, stored) = match found.filter(|(stored, _)| stored.user_id == subject.user_id) {
            Some((stored, user)) => (Some(user), Some(stored)),
            None => (self.adapters.users.get_user_by_id(&subject.user_id).await?, None),
        };
        let user = user.filter(|user| user.is_active).ok_or_else(invalid)?;
        Ok((user, stored))
    }

    /// Somebody holds a copy of a token: nobody keeps a session.
    async fn end_reused(&self, user: User, request: &RequestContext) -> AuthError {
        tracing::warn!(
            user.id = %user.id,
            request.id = request.id,
            "a spent refresh token was presented; all sessions of the user are ended"
        );
        let mut changes = vec![
            Change::DeleteUserTokens { user: user.id.clone(), kind: Some(TokenKind::Refresh) },
            Change::DeleteUserSessions(user.id.clone()),
        ];
        let event = Event::new(Hook::OnRefreshReuse, user, request.clone());
        changes.extend(enqueue(&*self.hooks.pin(), event));
        match self.commit(changes).await {
            Ok(()) => AuthError::RefreshTokenReused,
            Err(error) => error.into(),
        }
    }
}
