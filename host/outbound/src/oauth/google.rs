//! Google, as FastAuth speaks with it.

use std::sync::Arc;

use async_trait::async_trait;
use hookgate_core::oauth::{AuthorizationRequest, CodeGrant, OAuthProvider, ProviderAnswer, ProviderError};

use super::client::HttpClient;
use super::identity;
use super::settings::{ClientAuthentication, ProviderSettings};
use super::token::{self, with_query};

const AUTHORIZATION: &str = "https://accounts.google.com/o/oauth2/v2/auth";
const TOKEN: &str = "https://oauth2.googleapis.com/token";
const USERINFO: &str = "https://openidconnect.googleapis.com/v1/userinfo";
const SCOPES: &str = "openid email profile";

pub(super) struct Google {
    settings: ProviderSettings,
    client: Arc<HttpClient>,
}

impl Google {
    pub(super) const fn new(settings: ProviderSettings, client: Arc<HttpClient>) -> Self {
        Self { settings, client }
    }
}

#[async_trait]
impl OAuthProvider for Google {
    fn id(&self) -> &str {
        &self.settings.id
    }

    fn label(&self) -> &str {
        &self.settings.label
    }

    async fn authorization_url(&self, request: AuthorizationRequest<'_>) -> Result<String, ProviderError> {
        let endpoint = self.settings.endpoints.authorization.as_deref().unwrap_or(AUTHORIZATION);
        let parameters = [
            ("client_id", self.settings.client_id.as_str()),
            ("redirect_uri", request.redirect_uri),
            ("response_type", "code"),
            ("scope", &self.settings.scopes_or(SCOPES)),
            ("state", request.state),
            ("access_type", "offline"),
            ("prompt", "consent"),
            ("code_challenge", request.code_challenge),
            ("code_challenge_method", "S256"),
        ];
        Ok(with_query(endpoint, &parameters))
    }

    async fn exchange(&self, grant: CodeGrant<'_>) -> Result<ProviderAnswer, ProviderError> {
        let endpoints = &self.settings.endpoints;
        let endpoint = endpoints.token.as_deref().unwrap_or(TOKEN);
        let post = ClientAuthentication::Post;
        let answer = token::exchange(&self.client, &self.settings, endpoint, post, grant).await?;
        let endpoint = endpoints.userinfo.as_deref().unwrap_or(USERINFO);
        let claims = token::user_info(&self.client, endpoint, &answer.tokens.access_token).await?;
        Ok(ProviderAnswer { identity: identity::from_claims(&claims)?, tokens: answer.tokens })
    }
}
