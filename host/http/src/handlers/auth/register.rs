//! `POST /register`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::services::Register;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond;
use crate::security::Anyone;

/// 201 with tokens. 400 for a weak password, 409 for a taken address.
pub(crate) async fn register(call: Call<Anyone>) -> Result<Response, ApiError> {
    let context = call.context();
    let mut fields = call.document.fields()?;
    let values = (fields.email("email"), fields.string("password"), fields.optional_string("name"));
    let (email, password, name) = fields.finish(values)?;

    let signed_in = call.app.services.register(&context, Register { email, password, name }).await?;
    Ok(respond::signed_in(&call.app, StatusCode::CREATED, &signed_in))
}
