//! `GET /session`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::JsonObject;
use hookgate_core::services::Caller;
use serde::Serialize;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::{UserBody, json};

#[derive(Serialize)]
struct Body<'a> {
    user: UserBody<'a>,
    session: SessionBody<'a>,
}

/// The session and, beside the server's own fields, what `modify-session` added.
#[derive(Serialize)]
struct SessionBody<'a> {
    id: &'a str,
    user_id: &'a str,
    ip_address: Option<&'a str>,
    user_agent: Option<&'a str>,
    created_at: i64,
    expires_at: i64,
    #[serde(flatten)]
    payload: &'a JsonObject,
}

/// The caller and the login that the request belongs to. 404 if that was ended, which an access token
/// outlives.
pub(crate) async fn session(call: Call<Caller>) -> Result<Response, ApiError> {
    let session = call.app.services.current_session(&call.access).await?;
    let body = Body {
        user: UserBody::from(&call.access.user),
        session: SessionBody {
            id: session.id.as_str(),
            user_id: session.user_id.as_str(),
            ip_address: session.ip_address.as_deref(),
            user_agent: session.user_agent.as_deref(),
            created_at: session.created_at.0,
            expires_at: session.expires_at.0,
            payload: &session.payload,
        },
    };
    Ok(json(StatusCode::OK, &body))
}
