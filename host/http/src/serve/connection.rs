//! One connection, from its first byte to its end.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tower::Service as _;

use super::idle::{Activity, IdleWatch, Verdict};
use super::{Phase, ServeOptions};
use crate::client::Peer;

/// What a connection needs.
pub(super) struct Connection {
    pub(super) peer: Peer,
    pub(super) router: Router,
    pub(super) builder: Arc<Builder<TokioExecutor>>,
    pub(super) options: ServeOptions,
    pub(super) phases: watch::Receiver<Phase>,
}

impl Connection {
    /// Serves HTTP/1 or HTTP/2, whichever the client speaks, until either side has had enough.
    pub(super) async fn run(mut self, stream: TcpStream) {
        let activity = Arc::new(Activity::default());
        let mut idle = IdleWatch::new(Arc::clone(&activity), &self.options);
        let (peer, router) = (self.peer, self.router);
        let service = service_fn(move |mut request: Request<Incoming>| {
            let busy = activity.begin();
            request.extensions_mut().insert(peer);
            // A router is always ready.
            let answer = router.clone().call(request.map(Body::new));
            async move {
                let answer = answer.await;
                drop(busy);
                Ok::<_, Infallible>(answer.unwrap_or_else(|never| match never {}))
            }
        });
        let mut http = pin!(self.builder.serve_connection(TokioIo::new(stream), service));

        loop {
            tokio::select! {
                biased;
                ended = http.as_mut() => {
                    if let Err(error) = ended {
                        // Broken requests and clients that hang up are daily bread.
                        tracing::debug!(%error, "a connection ended with an error");
                    }
                    return;
                }
                phase = self.phases.wait_for(|phase| *phase != Phase::Serving) => match phase.map(|phase| *phase) {
                    Ok(Phase::Serving | Phase::Draining) => break,
                    Ok(Phase::Closed) | Err(_) => return,
                },
                verdict = idle.next() => match verdict {
                    Verdict::Idle => http.as_mut().graceful_shutdown(),
                    Verdict::Silent => return,
                },
            }
        }
        http.as_mut().graceful_shutdown();
        tokio::select! {
            biased;
            _ = http => {}
            _ = self.phases.wait_for(|phase| *phase == Phase::Closed) => {}
        }
    }
}
