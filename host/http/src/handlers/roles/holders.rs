//! `POST /roles/assign`, `POST /roles/revoke`

use axum::response::Response;
use hookgate_core::ids::UserId;
use hookgate_core::services::Caller;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::message;

/// Giving twice is giving once. 404 if there is no such role or user.
pub(crate) async fn assign(call: Call<Caller>) -> Result<Response, ApiError> {
    let services = &call.app.services;
    let administrator = services.require_administrator(&call.access).await?;
    let mut fields = call.document.fields()?;
    let values = (fields.string("user_id"), fields.string("role_name"));
    let (user, role) = fields.finish(values)?;
    services.assign_role(&administrator, UserId(user), role).await?;
    Ok(message("Role assigned"))
}

/// 200 also if the role was not held.
pub(crate) async fn revoke(call: Call<Caller>) -> Result<Response, ApiError> {
    let services = &call.app.services;
    let administrator = services.require_administrator(&call.access).await?;
    let mut fields = call.document.fields()?;
    let values = (fields.string("user_id"), fields.string("role_name"));
    let (user, role) = fields.finish(values)?;
    services.revoke_role(&administrator, UserId(user), role).await?;
    Ok(message("Role revoked"))
}
