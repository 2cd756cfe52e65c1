//! The port to whoever sends requests.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::PrivateAddress;

/// Makes clients: one for each plugin, so that no connection of one serves another.
pub trait HttpClients: Send + Sync {
    /// A client that connects to public addresses and to these.
    fn client(&self, allow_private: &[PrivateAddress]) -> Arc<dyn HttpClient>;
}

/// Sends the requests of one plugin. Host, method and headers have been checked; the address that a host
/// turns out to have has not: it is checked when the connection is made.
#[async_trait]
pub trait HttpClient: Send + Sync {
    /// Sends one request and reads the whole answer. Redirects are not followed.
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: HttpLimits,
    ) -> Result<http::Response<Bytes>, HttpFailure>;
}

/// What one exchange may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    /// From looking up the name to the last byte of the answer.
    pub time: Duration,
    /// Bytes of the answer's body.
    pub response_bytes: usize,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpFailure {
    /// The host has no address that may be reached, or something else that is not allowed.
    #[error("denied: {0}")]
    Denied(String),
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The answer is larger than allowed.
    #[error("the answer is larger than allowed")]
    TooLarge,
    /// DNS, TCP, TLS, or the peer broke off.
    #[error("{0}")]
    Connection(String),
}
