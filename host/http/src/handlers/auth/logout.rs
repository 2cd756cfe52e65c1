//! `POST /logout`

use axum::http::header;
use axum::response::Response;
use hookgate_core::services::Caller;

use crate::call::Call;
use crate::error::ApiError;
use crate::options::TokenDelivery;
use crate::respond;

/// Ends the login and, where tokens are delivered in cookies, clears them.
pub(crate) async fn logout(call: Call<Caller>) -> Result<Response, ApiError> {
    call.app.services.logout(&call.context(), &call.access).await?;

    let mut response = respond::message("Logged out");
    if call.app.options.token_delivery == TokenDelivery::Cookie {
        for cleared in call.app.cookies.cleared() {
            response.headers_mut().append(header::SET_COOKIE, cleared);
        }
    }
    Ok(response)
}
