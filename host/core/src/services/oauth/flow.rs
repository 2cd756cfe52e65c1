//! What is remembered between the two halves of a flow.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::super::Services;
use crate::error::AuthError;
use crate::ids::{UserId, generate_secret};
use crate::oauth::{CodeGrant, CodeVerifier, OAuthError, OAuthProvider, ProviderAnswer};

/// How long a user may stay at the provider, in seconds.
const TTL: i64 = 600;

/// What the browser came back with.
pub struct OAuthReturn {
    /// The provider whose callback it is.
    pub provider: String,
    /// The state that it was sent away with.
    pub state: String,
    /// What the provider gave it.
    pub returned: Returned,
    /// Who says that this is from them (RFC 9207).
    pub issuer: Option<String>,
    /// The browser's secret, from its cookie.
    pub browser: Option<String>,
}

/// What a provider sends a user back with.
pub enum Returned {
    /// It agreed.
    Code(String),
    /// It did not; the code of the error, as the browser brought it.
    Error(String),
}

/// What a flow is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Purpose {
    /// To sign in.
    SignIn,
    /// To link an account to this user.
    Link(UserId),
}

/// A flow whose user is at the provider. Sealed while it waits.
#[derive(Serialize, Deserialize)]
pub(super) struct Flow {
    pub(super) provider: String,
    pub(super) purpose: Purpose,
    pub(super) redirect_uri: String,
    pub(super) nonce: String,
    pub(super) verifier: CodeVerifier,
    /// The digest of the browser's secret; none where flows are not bound to browsers.
    pub(super) browser: Option<String>,
}

impl Flow {
    pub(super) fn new(provider: &str, purpose: Purpose, redirect_uri: &str, browser: Option<&str>) -> Self {
        Self {
            provider: provider.to_owned(),
            purpose,
            redirect_uri: redirect_uri.to_owned(),
            nonce: generate_secret(),
            verifier: CodeVerifier::generate(),
            browser: browser.map(digest),
        }
    }

    /// Whether this is the flow that a browser came back from, at the callback of this kind.
    fn check(&self, back: &OAuthReturn, is_link: bool) -> Result<(), OAuthError> {
        match (&self.purpose, is_link) {
            (Purpose::SignIn, false) | (Purpose::Link(_), true) => {}
            (Purpose::Link(_), false) => return Err(OAuthError::StateInvalid),
            (Purpose::SignIn, true) => return Err(OAuthError::LinkStateInvalid),
        }
        if self.provider != back.provider {
            return Err(OAuthError::StateProviderMismatch);
        }
        // Digests are compared, so how long that takes tells nothing of the secret.
        if self.browser.is_some() && self.browser != back.browser.as_deref().map(digest) {
            return Err(OAuthError::StateInvalid);
        }
        Ok(())
    }
}

/// The name under which a state, or a browser, is remembered.
fn digest(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn key(state: &str) -> String {
    format!("oauth_state:{}", digest(state))
}

impl Services {
    /// Remembers the flow that a state stands for.
    pub(super) async fn remember_flow(&self, state: &str, flow: &Flow) -> Result<(), AuthError> {
        let sealed = Value::String(self.sealer.seal(flow));
        self.adapters.backend.write(&key(state), sealed, self.clock.now().plus(TTL)).await?;
        Ok(())
    }

    /// The flow that a browser came back from. It is spent then; one that does not fit stays, so that
    /// nobody can spend somebody else's.
    pub(super) async fn resume_flow(&self, back: &OAuthReturn, is_link: bool) -> Result<Flow, AuthError> {
        let key = key(&back.state);
        let now = self.clock.now();
        let open = |value: Value| -> Option<Flow> { self.sealer.open(value.as_str()?).ok() };
        let found = self.adapters.backend.read(&key, now).await?.and_then(open);
        found.ok_or(OAuthError::StateInvalid)?.check(back, is_link)?;
        // Of several that come back with one state one gets it.
        let taken = self.adapters.backend.take(&key, now).await?.and_then(open);
        Ok(taken.ok_or(OAuthError::StateInvalid)?)
    }

    /// Asks the provider who came back from a flow.
    pub(super) async fn identify(
        &self,
        provider: &dyn OAuthProvider,
        flow: &Flow,
        back: &OAuthReturn,
    ) -> Result<ProviderAnswer, AuthError> {
        let code = match &back.returned {
            Returned::Code(code) => code,
            Returned::Error(error) => return Err(OAuthError::Declined(error_code(error)).into()),
        };
        let grant = CodeGrant {
            code,
            redirect_uri: &flow.redirect_uri,
            code_verifier: flow.verifier.as_str(),
            nonce: &flow.nonce,
            issuer: back.issuer.as_deref(),
        };
        let answer = provider.exchange(grant).await;
        Ok(answer.map_err(|error| OAuthError::Provider { label: provider.label().to_owned(), error })?)
    }

    pub(super) fn provider(&self, id: &str) -> Result<&dyn OAuthProvider, OAuthError> {
        self.oauth.get(id).ok_or_else(|| OAuthError::ProviderNotFound(id.to_owned()))
    }
}

/// The code of an error as it may be shown: anybody can make a browser come back with any text.
fn error_code(text: &str) -> String {
    let is_code = !text.is_empty()
        && text.len() <= 64
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    if is_code { text.to_owned() } else { "unknown_error".to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn back(provider: &str, browser: Option<&str>) -> OAuthReturn {
        OAuthReturn {
            provider: provider.to_owned(),
            state: "s".to_owned(),
            returned: Returned::Code("c".to_owned()),
            issuer: None,
            browser: browser.map(str::to_owned),
        }
    }

    fn flow(purpose: Purpose, browser: Option<&str>) -> Flow {
        Flow::new("google", purpose, "https://app.example.com/cb", browser)
    }

    #[test]
    fn kind_provider_and_browser_must_fit_in_this_order() {
        let sign_in = flow(Purpose::SignIn, Some("b1"));
        let link = flow(Purpose::Link(UserId::from("u")), Some("b1"));
        let b1 = Some("b1");
        assert_eq!(sign_in.check(&back("google", b1), false), Ok(()));
        assert_eq!(link.check(&back("google", b1), true), Ok(()));
        assert_eq!(link.check(&back("github", b1), false), Err(OAuthError::StateInvalid));
        assert_eq!(sign_in.check(&back("github", b1), true), Err(OAuthError::LinkStateInvalid));
        assert_eq!(sign_in.check(&back("github", None), false), Err(OAuthError::StateProviderMismatch));
        for other in [None, Some("b2"), Some("")] {
            assert_eq!(sign_in.check(&back("google", other), false), Err(OAuthError::StateInvalid));
            assert_eq!(link.check(&back("google", other), true), Err(OAuthError::StateInvalid));
        }
        assert_eq!(flow(Purpose::SignIn, None).check(&back("google", None), false), Ok(()));
    }

    proptest! {
        #[test]
        fn only_the_same_browser_passes(one in "[A-Za-z0-9_-]{0,43}", two in "[A-Za-z0-9_-]{0,43}") {
            let passes = flow(Purpose::SignIn, Some(&one)).check(&back("google", Some(&two)), false).is_ok();
            prop_assert_eq!(passes, one == two);
        }

        #[test]
        fn what_is_shown_of_an_error_is_a_code(text in "\\PC{0,80}") {
            let shown = error_code(&text);
            prop_assert!(shown.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)));
            prop_assert!(!shown.is_empty() && shown.len() <= 64);
        }
    }
}
