//! Connections to services by HTTP, with TLS where the address says so.

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;

/// A connector. Without encryption no certificates are needed, which small containers don't have: then
/// none is trusted.
///
/// # Errors
/// The machine's certificates can't be used; the text says why.
pub(crate) fn connector(is_encrypted: bool) -> Result<HttpsConnector<HttpConnector>, String> {
    let provider = rustls::crypto::ring::default_provider();
    let builder = HttpsConnectorBuilder::new();
    if is_encrypted {
        let builder =
            builder.with_provider_and_platform_verifier(provider).map_err(|error| error.to_string())?;
        return Ok(builder.https_or_http().enable_http1().build());
    }
    let config = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(builder.with_tls_config(config).https_or_http().enable_http1().build())
}
