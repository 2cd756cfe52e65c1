//! `GET /me`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::services::Caller;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::{UserBody, json};

/// The caller, as stored now.
pub(crate) async fn me(call: Call<Caller>) -> Result<Response, ApiError> {
    Ok(json(StatusCode::OK, &UserBody::from(&call.access.user)))
}
