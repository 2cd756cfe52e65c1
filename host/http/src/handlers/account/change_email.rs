//! `POST /account/change-email`, `GET /account/confirm-email-change`

use axum::response::Response;
use hookgate_core::services::Caller;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::message;
use crate::security::Anyone;

/// Mails a link to the new address. 400 if the password is wrong, 409 if the address is taken.
pub(crate) async fn change_email(call: Call<Caller>) -> Result<Response, ApiError> {
    let context = call.context();
    let mut fields = call.document.fields()?;
    let values = (fields.email("new_email"), fields.string("password"));
    let (new_email, password) = fields.finish(values)?;
    call.app.services.change_email(&context, &call.access, &new_email, password).await?;
    Ok(message("Confirmation email sent to new address"))
}

/// Follows that link. 400 if it is spent, 409 if the address was taken meanwhile.
pub(crate) async fn confirm_email_change(call: Call<Anyone>) -> Result<Response, ApiError> {
    let token = call.query("token")?;
    call.app.services.confirm_email_change(&call.context(), &token).await?;
    Ok(message("Email changed successfully"))
}
