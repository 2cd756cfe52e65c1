//! `POST /magic-links/login`, `GET /magic-links/callback`

use axum::http::StatusCode;
use axum::response::Response;

use crate::call::Call;
use crate::delivery;
use crate::error::{ApiError, denied_as};
use crate::respond;
use crate::security::Anyone;

/// Mails a link that signs in. The answer does not tell whether there is such a user.
pub(crate) async fn request_magic_link(call: Call<Anyone>) -> Result<Response, ApiError> {
    let context = call.context();
    let mut fields = call.document.fields()?;
    let values = (fields.email("email"),);
    let (email,) = fields.finish(values)?;
    call.app.services.request_magic_link(&context, email).await?;
    Ok(respond::message("Magic link sent — check your email"))
}

/// Follows that link. 401 if it is spent or the account inactive, 403 if a plugin refuses.
pub(crate) async fn redeem_magic_link(call: Call<Anyone>) -> Result<Response, ApiError> {
    let token = call.query("token")?;
    let signed_in = call.app.services.redeem_magic_link(&call.context(), &token).await;
    let signed_in = signed_in.map_err(denied_as("Sign-in not allowed"))?;
    Ok(delivery::signed_in(&call.app, StatusCode::OK, &signed_in))
}
