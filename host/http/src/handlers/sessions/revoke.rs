//! `DELETE /sessions/{id}`

use axum::response::Response;
use hookgate_core::ids::SessionId;
use hookgate_core::services::Caller;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::message;

/// Ends one of the caller's logins. 404 if there is none of that id, or it is somebody else's.
pub(crate) async fn revoke(mut call: Call<Caller>) -> Result<Response, ApiError> {
    let id = SessionId(call.path_parameter().await?);
    let context = call.context();
    call.app.services.revoke_session(&context, &call.access, &id).await?;
    Ok(message("Session revoked"))
}
