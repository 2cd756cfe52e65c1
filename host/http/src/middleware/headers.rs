//! The headers of every answer.

use axum::http::{HeaderValue, header};
use axum::response::Response;

use crate::request_id::{RequestId, X_REQUEST_ID};

/// Adds the id, and what keeps browsers and caches careful. Nearly every answer here holds a token or
/// personal data, so `no-store` is the rule and whoever wants to be cached says so.
pub(super) fn add(response: &mut Response, id: &RequestId) {
    let headers = response.headers_mut();
    headers.insert(X_REQUEST_ID, id.as_header().clone());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
