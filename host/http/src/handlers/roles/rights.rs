//! `GET /roles/me`, `GET /roles/user/{id}`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::ids::UserId;
use hookgate_core::services::{Caller, Rights};
use serde::Serialize;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::json;

#[derive(Serialize)]
struct RightsBody<'a> {
    user_id: &'a str,
    roles: &'a [String],
    permissions: Vec<&'a str>,
}

fn rights_of(user: &UserId, rights: &Rights) -> Response {
    let permissions = rights.permissions.iter().map(String::as_str).collect();
    json(StatusCode::OK, &RightsBody { user_id: user.as_str(), roles: &rights.roles, permissions })
}

/// The caller's roles and permissions.
pub(crate) async fn my_rights(call: Call<Caller>) -> Result<Response, ApiError> {
    let user = &call.access.user.id;
    Ok(rights_of(user, &call.app.services.rights(user).await?))
}

/// Anybody's; empty for an unknown user.
pub(crate) async fn user_rights(mut call: Call<Caller>) -> Result<Response, ApiError> {
    let user = UserId(call.path_parameter().await?);
    let services = &call.app.services;
    services.require_administrator(&call.access).await?;
    Ok(rights_of(&user, &services.rights(&user).await?))
}
