//! From a token to claims that can be believed.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};

use crate::claims::Claims;
use crate::fetch::Fetcher;
use crate::keys::Keys;
use crate::refusal::Refusal;
use crate::settings::{SetupError, VerifierSettings};

/// Verifies access tokens. Cheap to clone; clones share the keys.
#[derive(Clone, Debug)]
pub struct Verifier(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keys: Arc<Keys>,
    issuer: Option<String>,
    audience: Vec<String>,
    leeway: u64,
}

impl Verifier {
    /// A verifier. Nothing is fetched until the first token comes.
    ///
    /// # Errors
    /// See [`SetupError`].
    pub fn new(settings: VerifierSettings) -> Result<Self, SetupError> {
        let keys = Arc::new(Keys::new(Fetcher::new(&settings)?, &settings));
        let VerifierSettings { issuer, audience, leeway, .. } = settings;
        Ok(Self(Arc::new(Inner { keys, issuer, audience, leeway })))
    }

    /// The claims of a good access token.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], [`Refusal::Expired`], or [`Refusal::NoKeys`] if there is no key to check it with.
    pub async fn verify(&self, token: &str) -> Result<Claims, Refusal> {
        let header = decode_header(token).map_err(|_| Refusal::Invalid)?;
        // Extensions that must be understood (RFC 7515 section 4.1.11): none is.
        let kid = header.kid.filter(|_| header.crit.is_none()).ok_or(Refusal::Invalid)?;
        let key = self.0.keys.get(&kid).await?;
        // The algorithm is the key's (RFC 8725 section 3.1); another one in the header is refused.
        let validation = self.validation(key.algorithm);
        let claims = decode::<Claims>(token, &key.key, &validation).map_err(|error| match error.kind() {
            ErrorKind::ExpiredSignature => Refusal::Expired,
            _ => Refusal::Invalid,
        })?;
        let claims = claims.claims;
        // A refresh token is signed with the same key.
        let is_access = claims.kind.as_deref() == Some("access");
        if is_access && !self.is_from_the_future(&claims) { Ok(claims) } else { Err(Refusal::Invalid) }
    }

    fn validation(&self, algorithm: jsonwebtoken::Algorithm) -> Validation {
        let Inner { issuer, audience, leeway, .. } = &*self.0;
        let mut validation = Validation::new(algorithm);
        validation.leeway = *leeway;
        validation.validate_nbf = true;
        let mut required = vec!["exp", "sub"];
        if let Some(issuer) = issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        if audience.is_empty() {
            validation.validate_aud = false;
        } else {
            validation.set_audience(audience);
            required.push("aud");
        }
        validation.set_required_spec_claims(&required);
        validation
    }

    fn is_from_the_future(&self, claims: &Claims) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
        #[expect(clippy::cast_precision_loss, reason = "seconds of this age are exact")]
        claims.iat.is_some_and(|iat| iat > (now + self.0.leeway) as f64)
    }
}
