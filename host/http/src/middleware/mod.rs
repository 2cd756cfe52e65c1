//! What happens around every request, whatever its route: an id, a log line, CORS, a time limit, a
//! net under panics, headers.
//!
//! Not a stack of tower layers: those cost a boxed future each, and the route, which the log wants,
//! would have to be found again. The [table](crate::table) calls this around everything it answers.

mod cors;
mod headers;
mod log;
mod panic;
mod request_id;

use std::future::Future;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::response::Response;

use crate::client::{Peer, TrustedProxies};
use crate::error::ApiError;
use crate::options::HttpOptions;
use crate::rate_limit::{RateClass, RateLimiter};
use cors::{Cors, Exchange};
use log::Line;
pub(crate) use request_id::RequestId;
use request_id::RequestIds;

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
}

impl Edge {
    pub(crate) fn new(options: &HttpOptions) -> Self {
        Self {
            ids: RequestIds::new(),
            proxies: TrustedProxies::new(options.trusted_proxies.clone()),
            cors: Cors::new(&options.cors_origins),
            timeout: options.request_timeout,
            limiter: options.rate_limits.clone().map(RateLimiter::new),
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
        Visit {
            started: Instant::now(),
            edge: self,
            arrival: self.arrival(request),
            line: Line::of(route, request),
            exchange: self.cors.as_ref().and_then(|cors| cors.exchange(request)),
        }
    }

    fn arrival(&self, request: &Request) -> Arrival {
        let Some(peer) = request.extensions().get::<Peer>().map(|peer| peer.ip()) else {
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

/// A request that is being answered.
pub(crate) struct Visit<'a> {
    started: Instant,
    edge: &'a Edge,
    pub(crate) arrival: Arrival,
    line: Line<'a>,
    exchange: Option<Exchange>,
}

impl Visit<'_> {
    /// The answer that leaves the server. `answer` is not run for a CORS preflight.
    pub(crate) async fn answer(self, answer: impl Future<Output = Result<Response, ApiError>>) -> Response {
        let Self { started, edge, arrival, line, exchange } = self;
        let mut response = match exchange.as_ref().and_then(Exchange::preflight_answer) {
            Some(preflight) => preflight,
            None => edge.guarded(answer).await.unwrap_or_else(|error| error.into_response(&arrival.id)),
        };
        if let (Some(cors), Some(exchange)) = (&edge.cors, &exchange) {
            cors.allow(exchange, &mut response);
        }
        headers::add(&mut response, &arrival.id);
        line.write(response.status(), started.elapsed(), &arrival);
        response
    }
}
