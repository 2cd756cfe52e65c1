//! Google, as FastAuth speaks with it.

use std::sync::Arc;

use async_trait::async_trait;
use hookgate_core::oauth::{AuthorizationRequest, CodeGrant, OAuthProvider, ProviderAnswer, ProviderError};

use super::client::HttpClient;
use super::identity;
use super::known::{KnownProvider, Usual};
use super::settings::ProviderSettings;

const USUAL: Usual = Usual {
    authorization: "https://accounts.google.com/o/oauth2/v2/auth",
    token: "https://oauth2.googleapis.com/token",
    userinfo: "https://openidconnect.googleapis.com/v1/userinfo",
    scopes: "openid email profile",
    response_type: Some("code"),
    parameters: &[("access_type", "offline"), ("prompt", "consent")],
};

pub(super) struct Google(KnownProvider);

impl Google {
    pub(super) const fn new(settings: ProviderSettings, client: Arc<HttpClient>) -> Self {
        Self(KnownProvider { settings, client, usual: USUAL })
    }
}

#[async_trait]
impl OAuthProvider for Google {
    fn id(&self) -> &str {
        &self.0.settings.id
    }

    fn label(&self) -> &str {
        &self.0.settings.label
    }

    async fn authorization_url(&self, request: AuthorizationRequest<'_>) -> Result<String, ProviderError> {
        Ok(self.0.authorization_url(request))
    }

    async fn exchange(&self, grant: CodeGrant<'_>) -> Result<ProviderAnswer, ProviderError> {
        let (tokens, claims) = self.0.exchange(grant).await?;
        Ok(ProviderAnswer { identity: identity::from_claims(&claims)?, tokens })
    }
}
