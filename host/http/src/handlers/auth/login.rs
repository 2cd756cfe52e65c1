//! `POST /login`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::services::Login;

use crate::call::Call;
use crate::delivery;
use crate::error::ApiError;
use crate::security::Anyone;

/// 200 with tokens. 401 whatever is wrong with the credentials, 403 if a plugin refuses.
pub(crate) async fn login(call: Call<Anyone>) -> Result<Response, ApiError> {
    let context = call.context();
    let mut fields = call.document.fields()?;
    let values = (fields.email("email"), fields.string("password"), fields.bool_or("remember", false));
    let (email, password, remember) = fields.finish(values)?;

    let signed_in = call.app.services.login(&context, Login { email, password, remember }).await?;
    Ok(delivery::signed_in(&call.app, StatusCode::OK, &signed_in))
}
