//! What the server lends to its plugins: the database, the network, the time.

use std::sync::Arc;

use async_trait::async_trait;
use hookgate_core::adapters::PluginKvAdapter;
use hookgate_core::clock::SystemClock;
use hookgate_hooks::{HostServices, HttpClient, HttpClients, HttpFailure, HttpLimits, PrivateAddress};
use hookgate_outbound::http::{GuardedClient, SendError, SendLimits, SystemResolver, TlsRoots};

/// The services of a server with this storage.
pub(crate) fn services(kv: Arc<dyn PluginKvAdapter>) -> HostServices {
    HostServices { clock: Arc::new(SystemClock), kv: Some(kv), http: Some(Arc::new(Clients::default())) }
}

/// Clients share what TLS trusts, and nothing else.
#[derive(Default)]
struct Clients {
    tls: TlsRoots,
}

impl HttpClients for Clients {
    fn client(&self, allow_private: &[PrivateAddress]) -> Arc<dyn HttpClient> {
        let allowed = allow_private.to_vec();
        let exceptions = move |address| allowed.iter().any(|private| private.covers(address));
        Arc::new(Client(GuardedClient::new(Arc::new(SystemResolver), &self.tls, exceptions)))
    }
}

struct Client(GuardedClient);

#[async_trait]
impl HttpClient for Client {
    async fn send(
        &self,
        request: http::Request<bytes::Bytes>,
        limits: HttpLimits,
    ) -> Result<http::Response<bytes::Bytes>, HttpFailure> {
        let HttpLimits { time, response_bytes } = limits;
        self.0.send(request, SendLimits { time, response_bytes }).await.map_err(|error| match error {
            SendError::Denied(reason) => HttpFailure::Denied(reason),
            SendError::Timeout => HttpFailure::Timeout,
            SendError::TooLarge => HttpFailure::TooLarge,
            SendError::Connection(reason) => HttpFailure::Connection(reason),
        })
    }
}
