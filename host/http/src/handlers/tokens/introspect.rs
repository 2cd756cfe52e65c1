//! `POST /token/introspect`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::services::Caller;
use serde::Serialize;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::json;

#[derive(Default, Serialize)]
struct Introspected<'a> {
    active: bool,
    sub: Option<&'a str>,
    exp: Option<i64>,
    jti: Option<&'a str>,
    token_type: Option<&'static str>,
    email: Option<&'a str>,
}

/// Always 200; what is not active, or not for the caller to know, is `{"active": false}` and nulls.
pub(crate) async fn introspect(call: Call<Caller>) -> Result<Response, ApiError> {
    let mut fields = call.document.fields()?;
    let values = (fields.string("token"),);
    let (token,) = fields.finish(values)?;
    let found = call.app.services.introspect(&call.access, &token).await?;
    let body = found.as_ref().map_or_else(Introspected::default, |found| Introspected {
        active: true,
        sub: Some(found.user_id.as_str()),
        exp: Some(found.expires_at.0),
        jti: found.id.as_deref(),
        token_type: Some(found.kind),
        email: found.email.as_deref(),
    });
    Ok(json(StatusCode::OK, &body))
}
