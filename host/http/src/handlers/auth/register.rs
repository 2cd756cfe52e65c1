//! `POST /register`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::services::Register;

use crate::call::Call;
use crate::delivery;
use crate::error::ApiError;
use crate::respond;
use crate::security::Anyone;

/// 201 with tokens. 400 for a weak password, 409 for a taken address. Where taken addresses are not told,
/// the same message for all.
pub(crate) async fn register(call: Call<Anyone>) -> Result<Response, ApiError> {
    let context = call.context();
    let mut fields = call.document.fields()?;
    let values = (fields.email("email"), fields.string("password"), fields.optional_string("name"));
    let (email, password, name) = fields.finish(values)?;

    let (services, input) = (&call.app.services, Register { email, password, name });
    if !services.settings().security.register_reveals_existing {
        services.register_quietly(&context, input).await?;
        return Ok(respond::created("Check your email to finish the registration"));
    }
    let signed_in = services.register(&context, input).await?;
    Ok(delivery::signed_in(&call.app, StatusCode::CREATED, &signed_in))
}
