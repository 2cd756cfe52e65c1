//! Any OpenID Connect issuer, by discovery.

mod discovery;
mod id_token;
mod jwks;

use std::sync::Arc;

use async_trait::async_trait;
use hookgate_core::clock::Clock;
use hookgate_core::oauth::{AuthorizationRequest, CodeGrant, OAuthProvider, ProviderAnswer, ProviderError};
use hookgate_core::{JsonObject, oauth::ProviderTokens};

use super::cache::Cache;
use super::client::{HttpClient, unavailable};
use super::identity;
use super::settings::{ClientAuthentication, ProviderSettings};
use super::token::{self, with_query};
use discovery::Metadata;
use id_token::{Expected, IdTokenError};
use jwks::KeySet;

const SCOPES: &str = "openid email profile";

pub(super) struct OidcProvider {
    settings: ProviderSettings,
    issuer: String,
    authentication: Option<ClientAuthentication>,
    client: Arc<HttpClient>,
    clock: Arc<dyn Clock>,
    metadata: Cache<Metadata>,
    keys: Cache<KeySet>,
}

impl OidcProvider {
    pub(super) fn new(
        settings: ProviderSettings,
        issuer: String,
        authentication: Option<ClientAuthentication>,
        client: Arc<HttpClient>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (metadata, keys) = (Cache::new(), Cache::new());
        Self { settings, issuer, authentication, client, clock, metadata, keys }
    }

    async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        let endpoints = &self.settings.endpoints;
        if let Some(metadata) = Metadata::of_endpoints(endpoints) {
            return Ok(Arc::new(metadata));
        }
        let fetch = async {
            let document = self.client.get(&discovery::url(&self.issuer), None).await?.document()?;
            Ok(Metadata::read(&document, &self.issuer).map_err(unavailable)?.with(endpoints))
        };
        self.metadata.get(self.clock.now_ms(), fetch).await
    }

    /// The claims of an ID token that is good. A key that is not known may be a new one: then the keys
    /// are asked for once more.
    async fn verify(
        &self,
        metadata: &Metadata,
        id_token: &str,
        nonce: &str,
    ) -> Result<JsonObject, ProviderError> {
        let fetch = || async { Ok(KeySet::read(&self.client.get(&metadata.jwks, None).await?.document()?)) };
        let now_ms = self.clock.now_ms();
        let expected = Expected {
            issuer: &self.issuer,
            client_id: &self.settings.client_id,
            nonce,
            algorithms: metadata.algorithms.as_deref(),
            now: self.clock.now(),
        };
        let keys = self.keys.get(now_ms, fetch()).await?;
        let claims = match id_token::verify(id_token, &keys, &expected) {
            Err(IdTokenError::UnknownKey) => {
                let keys = self.keys.refresh(now_ms, fetch()).await?;
                id_token::verify(id_token, &keys, &expected)
            }
            other => other,
        };
        claims.map_err(|error| ProviderError::Untrusted(format!("the ID token: {error}")))
    }

    /// The claims of the ID token, and what the userinfo endpoint adds to them. It must speak of the same
    /// account (OpenID Connect Core section 5.3.2).
    async fn claims(
        &self,
        metadata: &Metadata,
        tokens: &ProviderTokens,
        id_token: &str,
        nonce: &str,
    ) -> Result<JsonObject, ProviderError> {
        let mut claims = self.verify(metadata, id_token, nonce).await?;
        if let Some(endpoint) = &metadata.userinfo {
            let mut more = token::user_info(&self.client, endpoint, &tokens.access_token).await?;
            if more.get("sub") != claims.get("sub") {
                let reason = "the userinfo endpoint speaks of another account than the ID token";
                return Err(ProviderError::Untrusted(reason.to_owned()));
            }
            // The two halves of what is said of an address stay together.
            let replaced = if more.contains_key("email") { &mut claims } else { &mut more };
            replaced.remove("email_verified");
            claims.extend(more);
        }
        Ok(claims)
    }
}

#[async_trait]
impl OAuthProvider for OidcProvider {
    fn id(&self) -> &str {
        &self.settings.id
    }

    fn label(&self) -> &str {
        &self.settings.label
    }

    async fn authorization_url(&self, request: AuthorizationRequest<'_>) -> Result<String, ProviderError> {
        let metadata = self.metadata().await?;
        let parameters = [
            ("client_id", self.settings.client_id.as_str()),
            ("redirect_uri", request.redirect_uri),
            ("response_type", "code"),
            ("scope", &self.settings.scopes_or(SCOPES)),
            ("state", request.state),
            ("nonce", request.nonce),
            ("code_challenge", request.code_challenge),
            ("code_challenge_method", "S256"),
        ];
        Ok(with_query(&metadata.authorization, &parameters))
    }

    async fn exchange(&self, grant: CodeGrant<'_>) -> Result<ProviderAnswer, ProviderError> {
        let metadata = self.metadata().await?;
        metadata.check_sender(&self.issuer, grant.issuer)?;
        let authentication = self.authentication.unwrap_or(metadata.authentication);
        let answer =
            token::exchange(&self.client, &self.settings, &metadata.token, authentication, grant).await?;
        let id_token = answer.id_token.ok_or_else(|| unavailable("an answer without an ID token"))?;
        let claims = self.claims(&metadata, &answer.tokens, &id_token, grant.nonce).await?;
        Ok(ProviderAnswer { identity: identity::from_claims(&claims)?, tokens: answer.tokens })
    }
}
