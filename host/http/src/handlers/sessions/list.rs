//! `GET /sessions`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::services::Caller;
use hookgate_core::session::Session;
use serde::Serialize;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::json;

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    user_id: &'a str,
    ip_address: Option<&'a str>,
    user_agent: Option<&'a str>,
}

impl<'a> From<&'a Session> for Row<'a> {
    fn from(session: &'a Session) -> Self {
        Self {
            id: session.id.as_str(),
            user_id: session.user_id.as_str(),
            ip_address: session.ip_address.as_deref(),
            user_agent: session.user_agent.as_deref(),
        }
    }
}

/// The caller's logins, the oldest first.
pub(crate) async fn list(call: Call<Caller>) -> Result<Response, ApiError> {
    let sessions = call.app.services.list_sessions(&call.access).await?;
    let rows: Vec<Row<'_>> = sessions.iter().map(Row::from).collect();
    Ok(json(StatusCode::OK, &rows))
}
