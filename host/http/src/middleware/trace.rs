//! The span of a request, for whoever collects traces.
//!
//! At level `trace` so that it is made for those who want it, and costs one comparison otherwise. What is
//! in it leaves the machine: no path, no query, no address, nothing of a header or a body.

use axum::http::{HeaderMap, StatusCode};
use tracing::Span;
use tracing::field::Empty;

use super::Arrival;

/// A span that has yet to be entered. The names are those of OpenTelemetry's conventions for HTTP.
pub(super) fn span(method: &'static str, route: Option<&str>, arrival: &Arrival) -> Span {
    // The conventions' word for a method that a client made up, and for the name of its span.
    let (method, verb) = if method == "other" { ("_OTHER", "HTTP") } else { (method, method) };
    tracing::trace_span!(
        "request",
        otel.name = %Name { verb, route },
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        request.id = arrival.id.as_str(),
    )
}

/// Writes down the answer.
pub(super) fn answered(span: &Span, status: StatusCode) {
    // Signed, since that is the only whole number that OpenTelemetry has.
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// The trace that the caller says it has, if it says one.
pub(super) fn traceparent(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all("traceparent").iter();
    // More than one is no trace at all (W3C Trace Context, 3.2).
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}

struct Name<'a> {
    verb: &'static str,
    route: Option<&'a str>,
}

impl std::fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.verb)?;
        self.route.map_or(Ok(()), |route| write!(f, " {route}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_traceparent_is_one_and_two_are_none() {
        let mut headers = HeaderMap::new();
        assert_eq!(traceparent(&headers), None);
        headers.append("traceparent", "00-a-b-01".parse().expect("a header value"));
        assert_eq!(traceparent(&headers), Some("00-a-b-01"));
        headers.append("traceparent", "00-c-d-01".parse().expect("a header value"));
        assert_eq!(traceparent(&headers), None);
    }

    #[test]
    fn a_name_has_the_route_if_there_is_one() {
        assert_eq!(Name { verb: "GET", route: Some("/x/{id}") }.to_string(), "GET /x/{id}");
        assert_eq!(Name { verb: "HTTP", route: None }.to_string(), "HTTP");
    }
}
