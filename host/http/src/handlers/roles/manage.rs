//! `GET /roles`, `POST /roles`, `DELETE /roles/{name}`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::role::Role;
use hookgate_core::services::Caller;
use serde::Serialize;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::{json, message};

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    permissions: Vec<&'a str>,
}

impl<'a> From<&'a Role> for Row<'a> {
    fn from(role: &'a Role) -> Self {
        Self { name: &role.name, permissions: role.permissions.iter().map(String::as_str).collect() }
    }
}

/// Every role, by name.
pub(crate) async fn list(call: Call<Caller>) -> Result<Response, ApiError> {
    let services = &call.app.services;
    let administrator = services.require_administrator(&call.access).await?;
    let roles = services.list_roles(&administrator).await?;
    Ok(json(StatusCode::OK, &roles.iter().map(Row::from).collect::<Vec<_>>()))
}

/// 201, or 409 if there is one of that name.
pub(crate) async fn create(call: Call<Caller>) -> Result<Response, ApiError> {
    let services = &call.app.services;
    let administrator = services.require_administrator(&call.access).await?;
    let mut fields = call.document.fields()?;
    let values = (fields.name("name"), fields.names("permissions", Some(Vec::new())));
    let (name, permissions) = fields.finish(values)?;
    let role = Role { name, permissions: permissions.into_iter().collect() };
    services.create_role(&administrator, role.clone()).await?;
    Ok(json(StatusCode::CREATED, &Row::from(&role)))
}

/// Takes the role from whoever holds it, too. 404 if there is none.
pub(crate) async fn delete(mut call: Call<Caller>) -> Result<Response, ApiError> {
    let name = call.path_parameter().await?;
    let services = &call.app.services;
    let administrator = services.require_administrator(&call.access).await?;
    services.delete_role(&administrator, name).await?;
    Ok(message("Role deleted"))
}
