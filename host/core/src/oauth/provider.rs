//! The port through which services speak with a provider.

use std::fmt;

use async_trait::async_trait;

use super::ProviderError;

/// What the browser takes to the provider.
#[derive(Clone, Copy)]
pub struct AuthorizationRequest<'a> {
    /// Where the provider is to send the user back to.
    pub redirect_uri: &'a str,
    /// Comes back with the user.
    pub state: &'a str,
    /// Comes back in the ID token, where there is one.
    pub nonce: &'a str,
    /// See [`CodeVerifier`](super::CodeVerifier).
    pub code_challenge: &'a str,
}

/// What the browser brought back, and what was kept for it.
#[derive(Clone, Copy)]
pub struct CodeGrant<'a> {
    /// The authorisation code.
    pub code: &'a str,
    /// As in the request.
    pub redirect_uri: &'a str,
    /// Whose challenge was in the request.
    pub code_verifier: &'a str,
    /// As in the request.
    pub nonce: &'a str,
    /// Who says that the code is from them (RFC 9207), where somebody does.
    pub issuer: Option<&'a str>,
}

/// Who somebody is at a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The account's id there; never empty, and never given to another account.
    pub account_id: String,
    /// The address as the provider writes it.
    pub email: Option<String>,
    /// Whether the provider says that the address is proven.
    pub email_verified: bool,
    /// The display name.
    pub name: Option<String>,
    /// The URL of a picture.
    pub image: Option<String>,
}

/// Tokens for the provider's own API.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProviderTokens {
    /// Opens the API.
    pub access_token: String,
    /// Renews the access token.
    pub refresh_token: Option<String>,
    /// How long the access token is good, in seconds.
    pub expires_in: Option<i64>,
}

impl fmt::Debug for ProviderTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderTokens").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// What a code was good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderAnswer {
    /// Who it is.
    pub identity: Identity,
    /// For the operator who wants them kept.
    pub tokens: ProviderTokens,
}

/// One provider.
#[async_trait]
pub trait OAuthProvider: Send + Sync {
    /// The id in routes, hooks and storage (`google`).
    fn id(&self) -> &str;

    /// The name for people (`Google`).
    fn label(&self) -> &str;

    /// Where the browser has to go.
    ///
    /// # Errors
    /// The provider's addresses can't be learnt.
    async fn authorization_url(&self, request: AuthorizationRequest<'_>) -> Result<String, ProviderError>;

    /// Who somebody with that code is.
    ///
    /// # Errors
    /// The provider refuses, is not believed, or is out of reach.
    async fn exchange(&self, grant: CodeGrant<'_>) -> Result<ProviderAnswer, ProviderError>;
}
