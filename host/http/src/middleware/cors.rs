//! Calls from scripts of other origins: which may, and how a browser is told. The answers are those of
//! FastAuth's middleware: credentials allowed, every method, every header that is asked for.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
const METHOD_LIST: HeaderValue = HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");

/// The origins that may call.
pub(super) struct Cors {
    origins: Vec<HeaderValue>,
    allows_all: bool,
}

/// One cross-origin request.
pub(super) struct Exchange {
    origin: HeaderValue,
    is_allowed: bool,
    has_cookie: bool,
    preflight: Option<Preflight>,
}

/// What a browser asks before it sends a script's request.
struct Preflight {
    knows_method: bool,
    headers: Option<HeaderValue>,
    wants_private_network: bool,
}

impl Cors {
    /// None if no other origin may call, and browsers are told nothing.
    pub(super) fn new(origins: &[HeaderValue]) -> Option<Self> {
        let allows_all = origins.iter().any(|origin| origin == "*");
        (!origins.is_empty()).then(|| Self { origins: origins.to_vec(), allows_all })
    }

    /// What a request says of its origin; none if nothing.
    pub(super) fn exchange(&self, request: &Request) -> Option<Exchange> {
        let headers = request.headers();
        let origin = headers.get(header::ORIGIN)?.clone();
        let asked = headers
            .get(header::ACCESS_CONTROL_REQUEST_METHOD)
            .filter(|_| request.method() == Method::OPTIONS);
        let preflight = asked.map(|method| Preflight {
            knows_method: METHODS.iter().any(|known| method == known),
            headers: headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned(),
            wants_private_network: headers.contains_key(REQUEST_PRIVATE_NETWORK),
        });
        Some(Exchange {
            is_allowed: self.allows_all || self.origins.contains(&origin),
            origin,
            has_cookie: headers.contains_key(header::COOKIE),
            preflight,
        })
    }

    /// Tells the browser whether the script may see the answer.
    pub(super) fn allow(&self, exchange: &Exchange, response: &mut Response) {
        // Only an answer without credentials may go to everybody; a preflight asks for those with.
        let echoes = !self.allows_all || exchange.has_cookie || exchange.preflight.is_some();
        let headers = response.headers_mut();
        if echoes {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        if exchange.is_allowed {
            let origin = if echoes { exchange.origin.clone() } else { HeaderValue::from_static("*") };
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }
}

impl Exchange {
    /// The answer to a preflight, which no route sees; none for other requests.
    pub(super) fn preflight_answer(&self) -> Option<Response> {
        let preflight = self.preflight.as_ref()?;
        let failures = [
            (!self.is_allowed, "origin"),
            (!preflight.knows_method, "method"),
            (preflight.wants_private_network, "private-network"),
        ];
        let failures: Vec<_> =
            failures.into_iter().filter_map(|(failed, what)| failed.then_some(what)).collect();
        let mut response = if failures.is_empty() {
            Response::new(Body::from("OK"))
        } else {
            let mut refusal = Response::new(Body::from(format!("Disallowed CORS {}", failures.join(", "))));
            *refusal.status_mut() = StatusCode::BAD_REQUEST;
            refusal
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHOD_LIST);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        if let Some(wanted) = &preflight.headers {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
        }
        Some(response)
    }
}
