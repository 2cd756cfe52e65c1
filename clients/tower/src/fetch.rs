//! Fetches a key set.

use std::time::Duration;

use http::{Request, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jsonwebtoken::jwk::JwkSet;

use crate::settings::{SetupError, VerifierSettings};

/// For the whole exchange.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A key set has a handful of keys.
const MOST_BYTES: usize = 256 * 1024;

/// A key set could not be fetched. For the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("the server did not answer in time")]
    TimedOut,
    #[error("the server can't be reached: {0}")]
    Unreachable(String),
    #[error("the server answered {0}")]
    Status(http::StatusCode),
    #[error("the answer is broken off, or too large")]
    Body,
    #[error("the answer is no key set: {0}")]
    Syntax(serde_json::Error),
}

/// Fetches from one address. Redirects are not followed.
pub(crate) struct Fetcher {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    url: Uri,
}

impl Fetcher {
    pub(crate) fn new(settings: &VerifierSettings) -> Result<Self, SetupError> {
        let text = || settings.jwks_url.clone();
        let url: Uri = settings.jwks_url.parse().map_err(|_| SetupError::Url(text()))?;
        let host = url.host().ok_or_else(|| SetupError::Url(text()))?;
        let is_encrypted = match url.scheme_str() {
            Some("https") => true,
            Some("http") if settings.allow_plain_http || is_loopback(host) => false,
            Some("http") => return Err(SetupError::PlainHttp(text())),
            _ => return Err(SetupError::Url(text())),
        };
        let client = Client::builder(TokioExecutor::new()).build(connector(is_encrypted)?);
        Ok(Self { client, url })
    }

    pub(crate) async fn fetch(&self) -> Result<JwkSet, FetchError> {
        tokio::time::timeout(TIMEOUT, self.exchange()).await.map_err(|_| FetchError::TimedOut)?
    }

    async fn exchange(&self) -> Result<JwkSet, FetchError> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.url.clone();
        let response = self.client.request(request).await;
        let response = response.map_err(|error| FetchError::Unreachable(chain(&error)))?;
        if !response.status().is_success() {
            return Err(FetchError::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
        let body = body.map_err(|_| FetchError::Body)?.to_bytes();
        serde_json::from_slice(&body).map_err(FetchError::Syntax)
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Without encryption no certificates are needed, which small containers don't have.
fn connector(is_encrypted: bool) -> Result<HttpsConnector<HttpConnector>, SetupError> {
    let provider = rustls::crypto::ring::default_provider();
    let tls = |error: &dyn std::error::Error| SetupError::Tls(error.to_string());
    let builder = HttpsConnectorBuilder::new();
    if is_encrypted {
        let builder = builder.with_provider_and_platform_verifier(provider).map_err(|error| tls(&error))?;
        return Ok(builder.https_only().enable_http1().build());
    }
    let config = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(|error| tls(&error))?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(builder.with_tls_config(config).https_or_http().enable_http1().build())
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}
