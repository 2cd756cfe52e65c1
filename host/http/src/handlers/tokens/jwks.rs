//! `GET /.well-known/jwks.json`

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::json;
use crate::security::Anyone;

#[derive(Serialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// The public keys (RFC 7517): of tokens that are still good, and the one that will sign next. No keys
/// where the secret signs. May be cached, for less time than a key is published before it signs.
pub(crate) async fn jwks(call: Call<Anyone>) -> Result<Response, ApiError> {
    let signer = call.app.services.signer();
    let mut response = json(StatusCode::OK, &KeySet { keys: signer.jwks() });
    let max_age = format!("public, max-age={}", signer.jwks_max_age().as_secs());
    if let Ok(max_age) = HeaderValue::try_from(max_age) {
        response.headers_mut().insert(header::CACHE_CONTROL, max_age);
    }
    Ok(response)
}
