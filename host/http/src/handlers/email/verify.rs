//! `POST /request-verify-email`, `GET /verify-email`, `POST /verify-email`

use axum::response::Response;
use hookgate_core::services::Caller;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::message;
use crate::security::Anyone;

const VERIFIED: &str = "Email verified successfully";

/// Mails the caller a link that proves the address.
pub(crate) async fn request_verify(call: Call<Caller>) -> Result<Response, ApiError> {
    call.app.services.request_verify_email(&call.access).await?;
    Ok(message("Verification email sent"))
}

/// Follows that link. 400 if it is spent.
pub(crate) async fn verify_by_link(call: Call<Anyone>) -> Result<Response, ApiError> {
    let token = call.query("token")?;
    call.app.services.verify_email(&call.context(), &token).await?;
    Ok(message(VERIFIED))
}

/// The same for a front end that took the token out of the link.
pub(crate) async fn verify(call: Call<Anyone>) -> Result<Response, ApiError> {
    let context = call.context();
    let mut fields = call.document.fields()?;
    let values = (fields.string("token"),);
    let (token,) = fields.finish(values)?;
    call.app.services.verify_email(&context, &token).await?;
    Ok(message(VERIFIED))
}
