//! A JWT for calls to other services, where sessions are opaque.

use super::{Caller, Services};
use crate::error::AuthError;
use crate::hooks::{HookContext, RequestContext, TokenUse};
use crate::settings::SessionStrategy;

/// A short-lived access token without a refresh token: the session is what renews it.
pub struct ServiceToken {
    /// A JWT. This server does not accept it in place of the session token.
    pub access_token: String,
    /// How long it is good, in seconds.
    pub expires_in: i64,
}

impl Services {
    /// Makes an access token for the caller; `modify-jwt` applies.
    ///
    /// # Errors
    /// [`AuthError::NotOffered`] with `session_strategy = "jwt"`, [`AuthError::HookFailed`].
    pub async fn service_token(
        &self,
        request: &RequestContext,
        caller: &Caller,
    ) -> Result<ServiceToken, AuthError> {
        let (SessionStrategy::Database, Some(session)) = (self.settings.session_strategy, &caller.session_id)
        else {
            return Err(AuthError::NotOffered);
        };
        let chain = self.hooks.pin();
        let context = HookContext::of(request.clone());
        let ttl = self.settings.jwt.access_token_ttl;
        let claims = self.claims(&*chain, &context, &caller.user, session, TokenUse::Access, ttl).await?;
        let expires_at = claims.get("exp").and_then(serde_json::Value::as_i64).unwrap_or_default();
        Ok(ServiceToken { access_token: self.sign(&claims)?, expires_in: expires_at - self.clock.now().0 })
    }
}
