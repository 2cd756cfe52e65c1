//! What host functions reach beyond the sandbox: the clock, the storage, the network.

use std::sync::Arc;

use hookgate_core::adapters::PluginKvAdapter;
use hookgate_core::clock::{Clock, SystemClock};

use super::manifest::Manifest;
use super::secrets::Secrets;
use crate::http::{HttpClient, HttpClients};

/// What the server lends to its plugins. What is not there answers that it is not there: `kv` says
/// `unavailable`, `http` says `denied`.
#[derive(Clone)]
pub struct HostServices {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Keeps what plugins remember.
    pub kv: Option<Arc<dyn PluginKvAdapter>>,
    /// Makes the clients for plugins' requests.
    pub http: Option<Arc<dyn HttpClients>>,
}

impl Default for HostServices {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), kv: None, http: None }
    }
}

impl std::fmt::Debug for HostServices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostServices")
            .field("kv", &self.kv.is_some())
            .field("http", &self.http.is_some())
            .finish_non_exhaustive()
    }
}

/// The same for one plugin, with what its operator granted.
#[derive(Clone)]
pub(crate) struct PluginServices {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) kv: Option<Arc<dyn PluginKvAdapter>>,
    /// None if there is no host that it may talk to.
    pub(crate) http: Option<Arc<dyn HttpClient>>,
    pub(crate) secrets: Secrets,
}

impl PluginServices {
    pub(crate) fn new(services: &HostServices, manifest: &Manifest, secrets: Secrets) -> Self {
        let http = services.http.as_ref().filter(|_| !manifest.http.hosts.is_empty());
        Self {
            clock: Arc::clone(&services.clock),
            kv: services.kv.clone(),
            http: http.map(|clients| clients.client(&manifest.http.allow_private)),
            secrets,
        }
    }
}
