//! `GET /openapi.json` and `GET /docs`: the API, for machines and people.

mod document;
mod page;
mod schema;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;

pub(crate) use document::document;
pub(crate) use page::serve_page;

use crate::call::Call;
use crate::error::ApiError;
use crate::security::Anyone;

/// The description of this server's routes, as they are configured.
pub(crate) async fn serve_document(call: Call<Anyone>) -> Result<Response, ApiError> {
    let document = call.app.openapi.get().cloned().ok_or(ApiError::NotFound)?;
    let mut response = Response::new(Body::from(document));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
