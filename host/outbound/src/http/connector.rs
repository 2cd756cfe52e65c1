//! Connects to addresses that may be reached, and to no others.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::Service;

use super::address::is_public;
use super::error::AddressDenied;
use super::resolver::Resolver;

/// How long one address is tried while there are others.
const PATIENCE: Duration = Duration::from_secs(1);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Addresses that are not public and may be reached all the same.
pub(super) type Exceptions = Arc<dyn Fn(SocketAddr) -> bool + Send + Sync>;

/// Makes TCP connections. Names are looked up here, so that what is checked is what is connected to.
#[derive(Clone)]
pub(super) struct GuardedConnector {
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) exceptions: Exceptions,
}

impl GuardedConnector {
    async fn connect(self, uri: Uri) -> Result<TokioIo<TcpStream>, BoxError> {
        let host = uri.host().ok_or("the address has no host")?;
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let addresses = self.addresses(host, port).await?;
        let mut last_error: BoxError = "the name has no address".into();
        for (index, address) in addresses.iter().enumerate() {
            let connecting = TcpStream::connect(address);
            let connected = if index + 1 == addresses.len() {
                connecting.await
            } else {
                let timed_out = |_| Err(io::Error::from(io::ErrorKind::TimedOut));
                tokio::time::timeout(PATIENCE, connecting).await.unwrap_or_else(timed_out)
            };
            match connected {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    return Ok(TokioIo::new(stream));
                }
                Err(error) => last_error = error.into(),
            }
        }
        Err(last_error)
    }

    /// The addresses of a host that may be reached: at least one.
    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, BoxError> {
        let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let found = match literal.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => self.resolver.resolve(host).await?,
        };
        let (allowed, denied): (Vec<_>, Vec<_>) = found
            .into_iter()
            .map(|address| SocketAddr::new(address, port))
            .partition(|address| is_public(address.ip()) || (self.exceptions)(*address));
        match denied.first() {
            Some(address) if allowed.is_empty() => Err(AddressDenied(format!(
                "{host} has the address {}, which is not public; an operator can add it to `allow_private` under [http]",
                address.ip()
            ))
            .into()),
            _ => Ok(allowed),
        }
    }
}

impl Service<Uri> for GuardedConnector {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}
