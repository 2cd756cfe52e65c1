//! What Google and GitHub have in common: their addresses are known, and the secret goes into the body.

use std::sync::Arc;

use hookgate_core::JsonObject;
use hookgate_core::oauth::{AuthorizationRequest, CodeGrant, ProviderError, ProviderTokens};

use super::client::HttpClient;
use super::settings::{ClientAuthentication, ProviderSettings};
use super::token::{self, with_query};

/// What is true of a provider unless the operator says otherwise.
pub(super) struct Usual {
    /// Where users go.
    pub(super) authorization: &'static str,
    /// Where codes become tokens.
    pub(super) token: &'static str,
    /// Who somebody is.
    pub(super) userinfo: &'static str,
    /// What is asked for.
    pub(super) scopes: &'static str,
    /// What it is to answer with, if it wants to be told (GitHub does not).
    pub(super) response_type: Option<&'static str>,
    /// What else its page wants to be told.
    pub(super) parameters: &'static [(&'static str, &'static str)],
}

/// A provider whose addresses are known.
pub(super) struct KnownProvider {
    pub(super) settings: ProviderSettings,
    pub(super) client: Arc<HttpClient>,
    pub(super) usual: Usual,
}

impl KnownProvider {
    /// Where the browser has to go.
    pub(super) fn authorization_url(&self, request: AuthorizationRequest<'_>) -> String {
        let endpoint = self.settings.endpoints.authorization.as_deref().unwrap_or(self.usual.authorization);
        let scopes = self.settings.scopes_or(self.usual.scopes);
        let mut parameters =
            vec![("client_id", self.settings.client_id.as_str()), ("redirect_uri", request.redirect_uri)];
        parameters.extend(self.usual.response_type.map(|kind| ("response_type", kind)));
        parameters.extend([("scope", scopes.as_str()), ("state", request.state)]);
        parameters.extend(self.usual.parameters);
        parameters.extend([("code_challenge", request.code_challenge), ("code_challenge_method", "S256")]);
        with_query(endpoint, &parameters)
    }

    /// The tokens that a code is good for, and what is known of whose they are.
    pub(super) async fn exchange(
        &self,
        grant: CodeGrant<'_>,
    ) -> Result<(ProviderTokens, JsonObject), ProviderError> {
        let endpoints = &self.settings.endpoints;
        let endpoint = endpoints.token.as_deref().unwrap_or(self.usual.token);
        let post = ClientAuthentication::Post;
        let tokens = token::exchange(&self.client, &self.settings, endpoint, post, grant).await?.tokens;
        let endpoint = endpoints.userinfo.as_deref().unwrap_or(self.usual.userinfo);
        let user = token::user_info(&self.client, endpoint, &tokens.access_token).await?;
        Ok((tokens, user))
    }
}
