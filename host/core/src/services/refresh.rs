//! A refresh token for a new pair.

use serde_json::{Value, json};

use super::{Services, SignedIn, enqueue};
use crate::adapters::{Change, Conflict, StoreError, StoreResult};
use crate::error::AuthError;
use crate::event::Event;
use crate::hooks::{Hook, HookContext, RequestContext, TokenUse};
use crate::ids::SessionId;
use crate::settings::{GateMoment, SOONEST_RETRY};
use crate::token::{Token, TokenKey, TokenKind};
use crate::tokens::Claims;
use crate::user::User;

/// What a refresh token whose signature is good turns out to be.
enum Presented {
    /// Not spent yet.
    Live(Token),
    /// Spent a moment ago, and its successor was never used: the answer did not arrive. The successor,
    /// which is live.
    Retried(Token),
    /// Spent or revoked.
    Spent,
}

impl Services {
    /// Exchanges a refresh token (RFC 6749 section 6) and spends it.
    ///
    /// The old token is consumed and the new one stored in one transaction, after the plugins: if one
    /// fails, the old token stays usable. A token that was spent or revoked before ends all of the
    /// user's sessions (RFC 9700 section 4.14.2; FastAuth ends them all, not just one login's).
    ///
    /// The exception is `refresh_grace`: who comes back with a token whose answer was lost gets another
    /// pair, and the one that was lost is void. So a login never has two live refresh tokens: if it was
    /// a thief who came back, the owner's next refresh presents the void one, and all sessions end.
    ///
    /// # Errors
    /// [`AuthError::RefreshTokenInvalid`], [`AuthError::RefreshTokenReused`], [`AuthError::Denied`],
    /// [`AuthError::HookFailed`].
    pub async fn refresh(&self, request: &RequestContext, token: &str) -> Result<SignedIn, AuthError> {
        let (user, key, presented) = self.find_refresh_token(token).await?;
        let (stored, spent_ms) = match presented {
            Presented::Live(stored) => (stored, self.clock.now_ms()),
            Presented::Retried(successor) => {
                tracing::info!(user.id = %user.id, request.id = request.id, "a refresh is answered once more");
                let spent_ms = spent_ms(&successor);
                (successor, spent_ms)
            }
            Presented::Spent => return Err(self.end_reused(user, request).await),
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
        issued.refresh.data["replaces"] = json!(key.to_text());
        issued.refresh.data["replaced_ms"] = json!(spent_ms);

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

    /// The active user of a refresh token, its key, and what became of it.
    async fn find_refresh_token(&self, token: &str) -> Result<(User, TokenKey, Presented), AuthError> {
        let now = self.clock.now();
        let invalid = || AuthError::RefreshTokenInvalid;
        let claims = self.signer.verify(token).await?.ok_or_else(invalid)?;
        let subject =
            Claims::new(&self.settings.jwt, now).check(&claims, TokenUse::Refresh).map_err(|_| invalid())?;
        let key = TokenKey::of(&subject.jti.ok_or_else(invalid)?);
        let found = self.adapters.tokens.get_token_with_user(&key, TokenKind::Refresh, now).await?;
        let (user, presented) = match found.filter(|(stored, _)| stored.user_id == subject.user_id) {
            Some((stored, user)) => (Some(user), Presented::Live(stored)),
            None => {
                let user = self.adapters.users.get_user_by_id(&subject.user_id).await?;
                let lost = self.find_lost_successor(&key, subject.session_id.as_ref()).await?;
                let lost = lost.filter(|token| token.user_id == subject.user_id);
                (user, lost.map_or(Presented::Spent, Presented::Retried))
            }
        };
        let user = user.filter(|user| user.is_active).ok_or_else(invalid)?;
        Ok((user, key, presented))
    }

    /// The live token that a spent one was exchanged for, if its answer may have been lost.
    async fn find_lost_successor(
        &self,
        spent: &TokenKey,
        session: Option<&SessionId>,
    ) -> StoreResult<Option<Token>> {
        let grace_ms = self.settings.jwt.refresh_grace.saturating_mul(1000);
        let Some(session) = session.filter(|_| grace_ms > 0) else { return Ok(None) };
        let now = self.clock.now();
        // A session has one live refresh token at a time. If the successor was used, it is another one.
        let live = self.adapters.tokens.get_session_token(session, TokenKind::Refresh, now).await?;
        let age_ms = |live: &Token| self.clock.now_ms().saturating_sub(spent_ms(live));
        Ok(live.filter(|live| {
            live.data.get("replaces").and_then(Value::as_str) == Some(spent.to_text().as_str())
                && (SOONEST_RETRY * 1000..=grace_ms).contains(&age_ms(live))
        }))
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

/// When the predecessor of a token was spent.
fn spent_ms(token: &Token) -> i64 {
    token.data.get("replaced_ms").and_then(Value::as_i64).unwrap_or_default()
}
