//! Serving a router on a socket, and ending that without cutting anybody off.

mod connection;
mod idle;

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};

use crate::client::Peer;
use connection::Connection;

/// How connections are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServeOptions {
    /// How long a new connection may take to send the head of its first request.
    pub header_timeout: Duration,
    /// How long a connection may stay without a request. It is looked at in this interval, so it may
    /// become twice as long.
    pub keep_alive_timeout: Duration,
    /// The largest head of a request; 8 KiB at least.
    pub header_limit_bytes: u32,
    /// How many connections are served at once; more have to wait.
    pub max_connections: usize,
    /// How long running requests may take to end after shutdown began.
    pub drain_timeout: Duration,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            // Longer than proxies keep theirs (60 s is usual), so that they close first and never send
            // a request into a closing connection.
            keep_alive_timeout: Duration::from_secs(75),
            header_limit_bytes: 32 * 1024,
            max_connections: 10_000,
            drain_timeout: Duration::from_secs(10),
        }
    }
}

/// How serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were still busy when their time was up, and were cut.
    pub cut: usize,
}

/// Where the server is in its life, as connections see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Serving,
    /// Finish what is running, take nothing new.
    Draining,
    /// Stop.
    Closed,
}

/// Serves until `shutdown` is ready, then waits for running requests.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    options: ServeOptions,
    shutdown: impl Future<Output = ()>,
) -> Drained {
    let builder = Arc::new(builder(&options));
    let permits = Arc::new(Semaphore::new(options.max_connections));
    let (phase, phases) = watch::channel(Phase::Serving);
    // Each connection holds a sender; when the last is gone, so are the connections.
    let (alive, mut all_gone) = mpsc::channel::<()>(1);

    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            let (stream, peer) = accept(&listener).await;
            (permit, stream, Peer(peer))
        };
        let (permit, stream, peer) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accepted => accepted,
        };
        let connection = Connection {
            peer,
            router: router.clone(),
            builder: Arc::clone(&builder),
            options,
            phases: phases.clone(),
        };
        let alive = alive.clone();
        tokio::spawn(async move {
            connection.run(stream).await;
            drop((permit, alive));
        });
    }
    drop((listener, alive));

    phase.send_replace(Phase::Draining);
    if tokio::time::timeout(options.drain_timeout, all_gone.recv()).await.is_ok() {
        return Drained { cut: 0 };
    }
    let cut = options.max_connections - permits.available_permits();
    tracing::warn!(connections = cut, "running requests did not end in time and are cut");
    phase.send_replace(Phase::Closed);
    all_gone.recv().await;
    Drained { cut }
}

fn builder(options: &ServeOptions) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // hyper's own head time-out sets a timer for every request and ends idle connections with the same
    // limit; `idle` watches both with one timer per connection.
    let header_limit = options.header_limit_bytes.max(8 * 1024);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(header_limit.try_into().unwrap_or(usize::MAX));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(header_limit)
        .max_concurrent_streams(128)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10));
    builder
}

/// The next connection. Errors are waited out: a full table of files empties again, and a peer that
/// left before it was accepted is nobody's problem.
async fn accept(listener: &TcpListener) -> (TcpStream, std::net::SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are small and written at once; waiting for more to send only delays them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY could not be set");
                }
                return (stream, peer);
            }
            Err(error) if is_of_the_peer(&error) => {}
            Err(error) => {
                tracing::error!(%error, "can't accept connections, trying again in a second");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
