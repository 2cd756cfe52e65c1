//! Sends one request and reads the whole answer, within limits.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::connector::GuardedConnector;
use super::error::SendError;
use super::resolver::Resolver;
use super::tls::TlsRoots;

/// How long a connection waits for the next request.
const IDLE: Duration = Duration::from_secs(30);
/// Of all headers of an answer together.
const MAX_HEADER_BYTES: usize = 32 << 10;

/// What one exchange may cost.
#[derive(Clone, Copy, Debug)]
pub struct SendLimits {
    /// From looking up the name to the last byte of the answer.
    pub time: Duration,
    /// Bytes of the answer's body.
    pub response_bytes: usize,
}

/// A client that reaches public addresses only. It has connections of its own: clients with other
/// exceptions don't get them.
pub struct GuardedClient {
    client: Client<HttpsConnector<GuardedConnector>, Full<Bytes>>,
}

impl GuardedClient {
    /// A client that also reaches the addresses for which `exceptions` says so.
    pub fn new(
        resolver: Arc<dyn Resolver>,
        tls: &TlsRoots,
        exceptions: impl Fn(SocketAddr) -> bool + Send + Sync + 'static,
    ) -> Self {
        let connector = GuardedConnector { resolver, exceptions: Arc::new(exceptions) };
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls.config())
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(8)
            .pool_timer(TokioTimer::new())
            .http1_max_buf_size(MAX_HEADER_BYTES)
            .build(connector);
        Self { client }
    }

    /// Sends a request. A redirect is an answer like any other.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn send(
        &self,
        request: Request<Bytes>,
        limits: SendLimits,
    ) -> Result<Response<Bytes>, SendError> {
        let exchange = async {
            let response =
                self.client.request(request.map(Full::new)).await.map_err(|error| SendError::of(&error))?;
            read(response, limits.response_bytes).await
        };
        tokio::time::timeout(limits.time, exchange).await.unwrap_or(Err(SendError::Timeout))
    }
}

async fn read(response: Response<Incoming>, limit: usize) -> Result<Response<Bytes>, SendError> {
    let (parts, body) = response.into_parts();
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(Response::from_parts(parts, body.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Err(SendError::TooLarge),
        Err(error) => Err(SendError::of(&*error)),
    }
}

impl std::fmt::Debug for GuardedClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GuardedClient")
    }
}
