//! `POST /roles/{name}/permissions`, `DELETE /roles/{name}/permissions`

use axum::response::Response;
use hookgate_core::services::Caller;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::message;

/// 404 if there is no such role.
pub(crate) async fn add_permissions(mut call: Call<Caller>) -> Result<Response, ApiError> {
    let name = call.path_parameter().await?;
    let services = &call.app.services;
    let administrator = services.require_administrator(&call.access).await?;
    let mut fields = call.document.fields()?;
    let values = (fields.names("permissions", None),);
    let (permissions,) = fields.finish(values)?;
    services.add_permissions(&administrator, name, permissions.into_iter().collect()).await?;
    Ok(message("Permissions added"))
}

/// 404 if there is no such role.
pub(crate) async fn remove_permissions(mut call: Call<Caller>) -> Result<Response, ApiError> {
    let name = call.path_parameter().await?;
    let services = &call.app.services;
    let administrator = services.require_administrator(&call.access).await?;
    let mut fields = call.document.fields()?;
    let values = (fields.names("permissions", None),);
    let (permissions,) = fields.finish(values)?;
    services.remove_permissions(&administrator, name, permissions.into_iter().collect()).await?;
    Ok(message("Permissions removed"))
}
