//! Whom TLS trusts: the platform's certificates, looked up once.

use std::sync::{Arc, OnceLock};

use hyper_rustls::ConfigBuilderExt as _;
use rustls::{ClientConfig, RootCertStore};

/// The configuration of TLS, made when it is first needed and shared by all clients.
#[derive(Clone, Default)]
pub struct TlsRoots(Arc<OnceLock<Result<ClientConfig, String>>>);

impl TlsRoots {
    pub(super) fn config(&self) -> Result<ClientConfig, String> {
        self.0.get_or_init(platform).clone()
    }
}

impl std::fmt::Debug for TlsRoots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsRoots")
    }
}

fn platform() -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = || {
        ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())
    };
    match builder()?.try_with_platform_verifier() {
        Ok(config) => Ok(config.with_no_client_auth()),
        Err(error) => {
            // Small containers have none. Then nobody is trusted, and plain HTTP still works.
            tracing::warn!(%error, "there are no certificates to check TLS servers with: none will be trusted");
            Ok(builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
        }
    }
}
