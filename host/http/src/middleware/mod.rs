//! What happens around every request, whatever its route: an id, a log line, CORS, a time limit, a
//! net under panics, headers.
//!
//! Not a stack of tower layers: those cost a boxed future each, and the route, which the log wants,
//! would have to be found again. The [table](crate::table) calls this around everything it answers.

mod cors;
mod headers;
mod log;
mod panic;
mod trace;

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::response::Response;
use tracing::{Instrument as _, Span};

use crate::client::{Peer, TrustedProxies};
use crate::error::ApiError;
use crate::monitor::Monitor;
use crate::options::{HttpOptions, TraceTrust};
use crate::rate_limit::{RateClass, RateLimiter};
use crate::request_id::{RequestId, RequestIds};
use cors::{Cors, Exchange};
use log::Line;

/// What is known of a request before anybody looks at it.
#[derive(Clone)]
pub(crate) struct Arrival {
    pub(crate) id: RequestId,
    /// The client's address; none if the router is called without a connection.
    pub(crate) client: Option<IpAddr>,
}

/// The outermost part of the server.
pub(crate) struct Edge {
    ids: RequestIds,
    proxies: TrustedProxies,
    cors: Option<Cors>,
    timeout: Duration,
    /// None if clients may call as often as they like.
    limiter: Option<RateLimiter>,
    traceparent_from: TraceTrust,
    pub(crate) monitor: Option<Arc<dyn Monitor>>,
}

impl Edge {
    pub(crate) fn new(options: &HttpOptions, monitor: Option<Arc<dyn Monitor>>) -> Self {
        Self {
            ids: RequestIds::new(),
            proxies: TrustedProxies::new(options.trusted_proxies.clone()),
            cors: Cors::new(&options.cors_origins),
            timeout: options.request_timeout,
            limiter: options.rate_limits.clone().map(RateLimiter::new),
            traceparent_from: options.traceparent_from,
            monitor,
        }
    }

    /// Counts a request against its client's rate. Without an address there is nobody to count for.
    pub(crate) fn admit(&self, class: Option<RateClass>, client: Option<IpAddr>) -> Result<(), ApiError> {
        match (&self.limiter, class, client) {
            (Some(limiter), Some(class), Some(client)) => {
                limiter.admit(class, client).map_err(ApiError::TooManyRequests)
            }
            _ => Ok(()),
        }
    }

    /// A request comes in. `route` is its path in the route table, if it is there.
    pub(crate) fn open<'a>(&'a self, route: Option<&'a str>, request: &Request) -> Visit<'a> {
        let (started, arrival, line) = (Instant::now(), self.arrival(request), Line::of(route, request));
        let span = trace::span(line.method(), route, &arrival);
        if !span.is_disabled() {
            self.continue_trace(&span, request);
        }
        Visit {
            started,
            edge: self,
            arrival,
            line,
            span,
            exchange: self.cors.as_ref().and_then(|cors| cors.exchange(request)),
        }
    }

    /// Puts a request into its caller's trace, if the caller has one and may say so.
    fn continue_trace(&self, span: &Span, request: &Request) {
        let may_say = match self.traceparent_from {
            TraceTrust::Everybody => true,
            TraceTrust::Nobody => false,
            TraceTrust::Proxies => peer(request).is_some_and(|peer| self.proxies.contains(peer)),
        };
        if let (true, Some(monitor)) = (may_say, &self.monitor)
            && let Some(traceparent) = trace::traceparent(request.headers())
        {
            monitor.continues(span, traceparent);
        }
    }

    fn arrival(&self, request: &Request) -> Arrival {
        let Some(peer) = peer(request) else {
            return Arrival { id: self.ids.next(), client: None };
        };
        let given = self.proxies.contains(peer).then(|| RequestId::given(request.headers())).flatten();
        Arrival {
            id: given.unwrap_or_else(|| self.ids.next()),
            client: Some(self.proxies.client_ip(peer, request.headers())),
        }
    }

    /// The answer, or what became of one that did not come.
    async fn guarded(
        &self,
        answer: impl Future<Output = Result<Response, ApiError>>,
    ) -> Result<Response, ApiError> {
        match tokio::time::timeout(self.timeout, panic::caught(answer)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(panic)) => Err(ApiError::Panicked(panic)),
            Err(_) => Err(ApiError::TimedOut),
        }
    }
}

/// The address at the other end of the connection; none if there is no connection.
fn peer(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<Peer>().map(|peer| peer.ip())
}

/// A request that is being answered.
pub(crate) struct Visit<'a> {
    started: Instant,
    edge: &'a Edge,
    pub(crate) arrival: Arrival,
    line: Line<'a>,
    span: Span,
    exchange: Option<Exchange>,
}

impl Visit<'_> {
    /// The answer that leaves the server. `answer` is not run for a CORS preflight.
    pub(crate) async fn answer(self, answer: impl Future<Output = Result<Response, ApiError>>) -> Response {
        let Self { started, edge, arrival, line, span, exchange } = self;
        let answer = answer.instrument(span.clone());
        let mut response = match exchange.as_ref().and_then(Exchange::preflight_answer) {
            Some(preflight) => preflight,
            None => edge.guarded(answer).await.unwrap_or_else(|error| error.into_response(&arrival.id)),
        };
        if let (Some(cors), Some(exchange)) = (&edge.cors, &exchange) {
            cors.allow(exchange, &mut response);
        }
        headers::add(&mut response, &arrival.id);
        trace::answered(&span, response.status());
        let duration = started.elapsed();
        line.write(response.status(), duration, &arrival);
        if let Some(monitor) = &edge.monitor {
            monitor.served(&line.served(response.status(), duration));
        }
        response
    }
}
