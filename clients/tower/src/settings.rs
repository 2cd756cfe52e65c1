//! Whom to believe, and how much.

use std::time::Duration;

/// The settings of a [`Verifier`](crate::Verifier).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierSettings {
    /// Where the public keys are: the server's `/.well-known/jwks.json`.
    pub jwks_url: String,
    /// The `iss` that tokens must have, as the server's `jwt.issuer`; none: not checked.
    pub issuer: Option<String>,
    /// `aud` must name one of these; empty: not checked.
    pub audience: Vec<String>,
    /// How far the clocks may be apart, in seconds.
    pub leeway: u64,
    /// How often the keys are fetched.
    pub refresh_every: Duration,
    /// How often, at most, unknown keys make them be fetched.
    pub min_interval: Duration,
    /// How long keys serve when no newer ones can be fetched.
    pub max_age: Duration,
    /// Whether the keys may come over plain HTTP from elsewhere than this machine.
    pub allow_plain_http: bool,
}

impl VerifierSettings {
    /// The defaults, for a server's key set.
    #[must_use]
    pub fn new(jwks_url: impl Into<String>) -> Self {
        Self {
            jwks_url: jwks_url.into(),
            issuer: None,
            audience: Vec::new(),
            leeway: 10,
            refresh_every: Duration::from_mins(5),
            min_interval: Duration::from_secs(5),
            max_age: Duration::from_hours(24),
            allow_plain_http: false,
        }
    }
}

/// A verifier can't work with its settings.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// `jwks_url` is no address.
    #[error("`{0}` is not the http:// or https:// address of a key set")]
    Url(String),
    /// Whoever is on the way could plant keys.
    #[error("`{0}` is plain HTTP: whoever can change the answer can sign (`allow_plain_http` allows it)")]
    PlainHttp(String),
    /// This machine has no certificates to check the server's with, or TLS fails otherwise.
    #[error("TLS: {0}")]
    Tls(String),
}
