//! `GET /passkeys`, `DELETE /passkeys/{id}`

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use hookgate_core::clock::Timestamp;
use hookgate_core::passkey::Passkey;
use hookgate_core::services::Caller;
use serde::Serialize;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::json;

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    name: &'a str,
    aaguid: &'a str,
    created_at: String,
    last_used_at: Option<String>,
}

impl<'a> From<&'a Passkey> for Row<'a> {
    fn from(passkey: &'a Passkey) -> Self {
        Self {
            id: &passkey.id,
            name: &passkey.name,
            aaguid: &passkey.aaguid,
            created_at: passkey.created_at.iso_format(),
            last_used_at: passkey.last_used_at.map(Timestamp::iso_format),
        }
    }
}

/// The caller's passkeys, the oldest first.
pub(crate) async fn list(call: Call<Caller>) -> Result<Response, ApiError> {
    let passkeys = call.app.services.list_passkeys(&call.access).await?;
    let rows: Vec<Row<'_>> = passkeys.iter().map(Row::from).collect();
    Ok(json(StatusCode::OK, &rows))
}

/// Removes one of the caller's passkeys. 404 if there is none of that id, or it is somebody else's.
pub(crate) async fn delete(mut call: Call<Caller>) -> Result<Response, ApiError> {
    let id = call.path_parameter().await?;
    call.app.services.delete_passkey(&call.context(), &call.access, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
