//! `DELETE /account`

use axum::response::Response;
use hookgate_core::services::Caller;

use crate::call::Call;
use crate::delivery::clear_cookies;
use crate::error::ApiError;
use crate::respond::message;

/// Deactivates the caller's account. 400 if the password is wrong.
pub(crate) async fn delete(call: Call<Caller>) -> Result<Response, ApiError> {
    let context = call.context();
    let mut fields = call.document.fields()?;
    let values = (fields.string("password"),);
    let (password,) = fields.finish(values)?;
    call.app.services.delete_account(&context, &call.access, password).await?;
    let mut response = message("Account deleted successfully");
    clear_cookies(&call.app, response.headers_mut());
    Ok(response)
}
