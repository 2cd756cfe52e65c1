//! Sending a browser to a provider.

use super::super::{Caller, Services};
use super::flow::{Flow, Purpose};
use crate::error::AuthError;
use crate::ids::generate_secret;
use crate::oauth::{AuthorizationRequest, OAuthError, is_registered};

/// Where a browser has to go.
pub struct Authorization {
    /// The provider's page.
    pub url: String,
    /// The secret that the browser has to bring back in its cookie; none where flows are not bound to
    /// browsers.
    pub browser: Option<String>,
}

impl Services {
    /// Begins a sign-in. `browser` is the secret that the browser has from an earlier flow, if any: it
    /// keeps it, so that two tabs don't disturb each other.
    ///
    /// # Errors
    /// [`OAuthError::ProviderNotFound`], [`OAuthError::RedirectUriNotRegistered`],
    /// [`OAuthError::Provider`].
    pub async fn oauth_authorize(
        &self,
        provider: &str,
        redirect_uri: &str,
        browser: Option<&str>,
    ) -> Result<Authorization, AuthError> {
        self.begin_flow(provider, Purpose::SignIn, redirect_uri, browser).await
    }

    /// Begins to link an account to the caller.
    ///
    /// # Errors
    /// As [`oauth_authorize`](Self::oauth_authorize).
    pub async fn oauth_link(
        &self,
        caller: &Caller,
        provider: &str,
        redirect_uri: &str,
        browser: Option<&str>,
    ) -> Result<Authorization, AuthError> {
        let purpose = Purpose::Link(caller.user.id.clone());
        self.begin_flow(provider, purpose, redirect_uri, browser).await
    }

    async fn begin_flow(
        &self,
        provider: &str,
        purpose: Purpose,
        redirect_uri: &str,
        browser: Option<&str>,
    ) -> Result<Authorization, AuthError> {
        let provider = self.provider(provider)?;
        if !is_registered(redirect_uri, &self.settings.oauth.allowed_redirect_uris) {
            return Err(OAuthError::RedirectUriNotRegistered.into());
        }
        let browser =
            self.settings.oauth.bind_browser.then(|| {
                browser.filter(|secret| is_secret(secret)).map_or_else(generate_secret, str::to_owned)
            });
        let flow = Flow::new(provider.id(), purpose, redirect_uri, browser.as_deref());
        let state = generate_secret();
        let request = AuthorizationRequest {
            redirect_uri,
            state: &state,
            nonce: &flow.nonce,
            code_challenge: &flow.verifier.challenge(),
        };
        let url = provider.authorization_url(request).await;
        let url = url.map_err(|error| OAuthError::Provider { label: provider.label().to_owned(), error })?;
        self.remember_flow(&state, &flow).await?;
        Ok(Authorization { url, browser })
    }
}

/// Whether a browser's secret looks like one of ours.
fn is_secret(text: &str) -> bool {
    text.len() == 43 && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}
