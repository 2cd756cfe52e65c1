//! `POST /logout`

use axum::response::Response;
use hookgate_core::services::Caller;

use crate::call::Call;
use crate::delivery;
use crate::error::ApiError;
use crate::respond;

/// Ends the login and, where tokens are delivered in cookies, clears them.
pub(crate) async fn logout(call: Call<Caller>) -> Result<Response, ApiError> {
    call.app.services.logout(&call.context(), &call.access).await?;

    let mut response = respond::message("Logged out");
    delivery::clear_cookies(&call.app, response.headers_mut());
    Ok(response)
}
