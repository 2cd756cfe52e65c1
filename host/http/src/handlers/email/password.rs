//! `POST /forgot-password`, `POST /reset-password`

use axum::response::Response;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::message;
use crate::security::Anyone;

/// Mails a link, if somebody has that address. The answer does not tell.
pub(crate) async fn forgot(call: Call<Anyone>) -> Result<Response, ApiError> {
    let mut fields = call.document.fields()?;
    let values = (fields.email("email"),);
    let (email,) = fields.finish(values)?;
    call.app.services.forgot_password(&email).await?;
    Ok(message("If the email exists, a reset link has been sent"))
}

/// Sets a new password. 400 if the link is spent or the password weak; the latter leaves the link good.
pub(crate) async fn reset(call: Call<Anyone>) -> Result<Response, ApiError> {
    let context = call.context();
    let mut fields = call.document.fields()?;
    let values = (fields.string("token"), fields.string("new_password"));
    let (token, password) = fields.finish(values)?;
    call.app.services.reset_password(&context, &token, password).await?;
    Ok(message("Password reset successfully"))
}
