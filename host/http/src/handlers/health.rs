//! `GET /healthz`, `GET /readyz`

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::json;
use crate::security::Anyone;

#[derive(Serialize)]
struct Status {
    status: &'static str,
}

/// The process runs. Asks nothing else: a restart would not mend a database.
pub(crate) async fn live(_: Call<Anyone>) -> Result<Response, ApiError> {
    Ok(json(StatusCode::OK, &Status { status: "ok" }))
}

/// Requests can be served. 503 if the storage does not answer.
pub(crate) async fn ready(call: Call<Anyone>) -> Result<Response, ApiError> {
    call.app.services.ready().await?;
    Ok(json(StatusCode::OK, &Status { status: "ready" }))
}
