//! `GET /metrics`

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

use crate::call::Call;
use crate::client::Peer;
use crate::error::ApiError;
use crate::options::MetricsAccess;
use crate::security::Anyone;

/// OpenMetrics' text format, which Prometheus reads.
pub const METRICS_CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const OPEN_METRICS: HeaderValue = HeaderValue::from_static(METRICS_CONTENT_TYPE);

/// Headers of which each says that somebody else is behind the peer.
const FORWARDING: [HeaderName; 6] = [
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
];

/// What the monitor has counted. For others than those who may see it the route is not there.
pub(crate) async fn page(call: Call<Anyone>) -> Result<Response, ApiError> {
    let is_allowed = match call.app.options.metrics {
        MetricsAccess::Public => true,
        MetricsAccess::Local => is_local(&call.parts),
        MetricsAccess::Off => false,
    };
    let monitor = call.app.edge.monitor.as_ref().filter(|_| is_allowed).ok_or(ApiError::NotFound)?;
    let mut response = Response::new(Body::from(monitor.page().await));
    response.headers_mut().insert(header::CONTENT_TYPE, OPEN_METRICS);
    Ok(response)
}

/// Whether the caller is on this machine, and not a proxy on it that speaks for others.
fn is_local(parts: &Parts) -> bool {
    let is_loopback = parts.extensions.get::<Peer>().is_some_and(|peer| peer.ip().is_loopback());
    is_loopback && !FORWARDING.iter().any(|name| parts.headers.contains_key(name))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn is_local_from(peer: Option<&str>, header: Option<&str>) -> bool {
        let mut request = Request::get("/metrics");
        if let Some(header) = header {
            request = request.header(header, "192.0.2.1");
        }
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        if let Some(peer) = peer {
            parts.extensions.insert(Peer(peer.parse().expect("an address")));
        }
        is_local(&parts)
    }

    #[test]
    fn only_who_comes_directly_from_this_machine_is_local() {
        assert!(is_local_from(Some("127.0.0.1:5000"), None));
        assert!(is_local_from(Some("[::1]:5000"), Some("accept")));
        assert!(is_local_from(Some("[::ffff:127.0.0.1]:5000"), None));
        assert!(!is_local_from(Some("192.0.2.1:5000"), None));
        assert!(!is_local_from(None, None), "nobody knows who that is");
        for header in FORWARDING {
            assert!(!is_local_from(Some("127.0.0.1:5000"), Some(header.as_str())), "{header}");
        }
    }
}
