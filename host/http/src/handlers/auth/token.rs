//! `POST /token`

use axum::response::Response;
use hookgate_core::services::Caller;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond;

/// A JWT for other services, where the caller's own token is opaque. 400 where it is a JWT already.
pub(crate) async fn token(call: Call<Caller>) -> Result<Response, ApiError> {
    let token = call.app.services.service_token(&call.context(), &call.access).await?;
    Ok(respond::service_token(&token))
}
