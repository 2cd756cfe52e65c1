//! `DELETE /sessions/all`

use axum::response::Response;
use hookgate_core::services::Caller;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::message;

/// Ends all of the caller's logins, this one included.
pub(crate) async fn revoke_all(call: Call<Caller>) -> Result<Response, ApiError> {
    let context = call.context();
    call.app.services.revoke_all_sessions(&context, &call.access).await?;
    Ok(message("All sessions revoked"))
}
