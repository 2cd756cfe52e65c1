//! Signing in by somebody else's word: OAuth 2.0 and OpenID Connect.
//!
//! The port is [`OAuthProvider`]; `hookgate-outbound` implements it over HTTP. What a flow has to
//! remember between its two halves, and whom an identity belongs to, is decided in
//! [`services`](crate::services).

mod error;
mod pkce;
mod provider;
mod redirect_uri;

use std::sync::Arc;

pub use error::{ExchangeStep, OAuthError, ProviderError};
pub use pkce::{CodeVerifier, code_challenge};
pub use provider::{
    AuthorizationRequest, CodeGrant, Identity, OAuthProvider, ProviderAnswer, ProviderTokens,
};
pub use redirect_uri::{is_registered, is_usable};

/// The configured providers. Cheap to clone.
#[derive(Clone, Default)]
pub struct OAuthProviders(Arc<[Arc<dyn OAuthProvider>]>);

impl OAuthProviders {
    /// These, whose ids are distinct.
    #[must_use]
    pub fn new(providers: Vec<Arc<dyn OAuthProvider>>) -> Self {
        Self(providers.into())
    }

    /// The provider of an id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&dyn OAuthProvider> {
        self.0.iter().find(|provider| provider.id() == id).map(AsRef::as_ref)
    }

    /// The ids of all.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.0.iter().map(|provider| provider.id().to_owned()).collect()
    }
}
