//! What a token is, and taking one back.

use serde_json::Value;

use super::{Caller, Services};
use crate::JsonObject;
use crate::adapters::{Change, StoreResult};
use crate::error::AuthError;
use crate::hooks::TokenUse;
use crate::role::ADMIN;
use crate::token::{TokenKey, TokenKind};
use crate::tokens::{Claims, TokenSubject};

/// An active token (RFC 7662 section 2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introspection {
    /// What was read from it.
    pub subject: TokenSubject,
    /// Which of the two it is.
    pub token_use: TokenUse,
    /// The claim `email`.
    pub email: Option<String>,
}

impl Services {
    /// What a token says, if it is active: signed here, not expired, of an active user and, for a
    /// refresh token, not spent; with `check_session` an access token needs its session. Everybody may ask about their own tokens, administrators about all;
    /// FastAuth lets everybody ask about anybody's.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn introspect(&self, caller: &Caller, token: &str) -> Result<Option<Introspection>, AuthError> {
        let Some((subject, token_use, claims)) = self.read_token(token).await? else { return Ok(None) };
        if subject.user_id != caller.user.id && !self.has_role(&caller.user.id, ADMIN).await? {
            return Ok(None);
        }
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
        let email = claims.get("email").and_then(Value::as_str).map(str::to_owned);
        Ok(Some(Introspection { subject, token_use, email }))
    }

    /// Takes a refresh token of the caller's back (RFC 7009), and ends the session that it belongs to.
    /// One that is spent already is no error.
    ///
    /// # Errors
    /// [`AuthError::TokenInvalid`], [`AuthError::OnlyRefreshTokens`], [`AuthError::TokenOfAnother`].
    pub async fn revoke_token(&self, caller: &Caller, token: &str) -> Result<(), AuthError> {
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
