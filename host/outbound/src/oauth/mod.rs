//! OAuth providers: Google, GitHub, and any OpenID Connect issuer.
//!
//! Nothing is asked before somebody signs in: a provider that is away does not keep the server from
//! starting.

mod cache;
mod client;
mod github;
mod google;
mod identity;
mod known;
mod oidc;
mod settings;
mod token;

use std::sync::Arc;

use hookgate_core::clock::Clock;
use hookgate_core::oauth::{OAuthProvider, OAuthProviders};

use client::HttpClient;
use github::GitHub;
use google::Google;
use oidc::OidcProvider;
pub use settings::{ClientAuthentication, Endpoints, OAuthSetupError, ProviderKind, ProviderSettings};

/// The providers of these settings. Nothing is connected to.
///
/// # Errors
/// A setting that can't work.
pub fn providers(
    settings: Vec<ProviderSettings>,
    clock: &Arc<dyn Clock>,
) -> Result<OAuthProviders, OAuthSetupError> {
    for (index, one) in settings.iter().enumerate() {
        one.check()?;
        if settings[..index].iter().any(|other| other.id == one.id) {
            return Err(OAuthSetupError::IdTwice(one.id.clone()));
        }
    }
    if settings.is_empty() {
        return Ok(OAuthProviders::default());
    }
    let is_encrypted = settings.iter().any(ProviderSettings::uses_tls);
    let client = Arc::new(HttpClient::new(is_encrypted).map_err(OAuthSetupError::Tls)?);
    let provider = |settings: ProviderSettings| -> Arc<dyn OAuthProvider> {
        let client = Arc::clone(&client);
        match settings.kind.clone() {
            ProviderKind::Google => Arc::new(Google::new(settings, client)),
            ProviderKind::GitHub => Arc::new(GitHub::new(settings, client)),
            ProviderKind::Oidc { issuer, authentication } => {
                Arc::new(OidcProvider::new(settings, issuer, authentication, client, Arc::clone(clock)))
            }
        }
    };
    Ok(OAuthProviders::new(settings.into_iter().map(provider).collect()))
}
