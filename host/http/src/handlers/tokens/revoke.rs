//! `POST /token/revoke`

use axum::response::Response;
use hookgate_core::services::Caller;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::message;

/// Takes one of the caller's refresh or session tokens back. 400 if it is none, 403 if it is somebody else's.
pub(crate) async fn revoke(call: Call<Caller>) -> Result<Response, ApiError> {
    let context = call.context();
    let mut fields = call.document.fields()?;
    let values = (fields.string("token"),);
    let (token,) = fields.finish(values)?;
    call.app.services.revoke_token(&context, &call.access, &token).await?;
    Ok(message("Token revoked"))
}
