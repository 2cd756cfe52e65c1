//! Whom TLS trusts: the platform's certificates, looked up once.

use std::sync::{Arc, OnceLock};

use hyper_rustls::ConfigBuilderExt as _;
use rustls::{ClientConfig, RootCertStore};

/// The configuration of TLS, made when it is first needed and shared by all clients.
#[derive(Clone, Default)]
pub struct TlsRoots(Arc<OnceLock<ClientConfig>>);

impl TlsRoots {
    pub(super) fn config(&self) -> ClientConfig {
        self.0.get_or_init(platform).clone()
    }
}

impl std::fmt::Debug for TlsRoots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsRoots")
    }
}

fn platform() -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = || ClientConfig::builder_with_provider(Arc::clone(&provider));
    let platform = builder()
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.try_with_platform_verifier())
        .map(|builder| builder.with_no_client_auth());
    platform.unwrap_or_else(|error| {
        // Small containers have none. Then nobody is trusted, and plain HTTP still works.
        tracing::warn!(%error, "there are no certificates to check TLS servers with: none will be trusted");
        let versions = rustls::DEFAULT_VERSIONS;
        #[expect(clippy::expect_used, reason = "the provider has cipher suites for the default versions")]
        builder()
            .with_protocol_versions(versions)
            .expect("default versions")
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth()
    })
}
