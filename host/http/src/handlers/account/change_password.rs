//! `POST /account/change-password`

use axum::response::Response;
use hookgate_core::services::Caller;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::message;

/// Every login ends, this one included. 400 if the current password is wrong or the new one weak.
pub(crate) async fn change_password(call: Call<Caller>) -> Result<Response, ApiError> {
    let context = call.context();
    let mut fields = call.document.fields()?;
    let values = (fields.string("current_password"), fields.string("new_password"));
    let (current, new) = fields.finish(values)?;
    call.app.services.change_password(&context, &call.access, current, new).await?;
    Ok(message("Password changed successfully"))
}
