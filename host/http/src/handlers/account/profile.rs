//! `GET /account/profile`, `PUT /account/profile`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::services::{Caller, UpdateProfile};
use hookgate_core::user::User;
use serde::Serialize;

use crate::call::Call;
use crate::error::ApiError;
use crate::respond::json;

#[derive(Serialize)]
struct Profile<'a> {
    id: &'a str,
    email: &'a str,
    name: Option<&'a str>,
    image: Option<&'a str>,
}

fn profile_of(user: &User) -> Response {
    let profile = Profile {
        id: user.id.as_str(),
        email: &user.email,
        name: user.name.as_deref(),
        image: user.image.as_deref(),
    };
    json(StatusCode::OK, &profile)
}

/// Name and picture.
pub(crate) async fn profile(call: Call<Caller>) -> Result<Response, ApiError> {
    Ok(profile_of(&call.access.user))
}

/// Changes what is given and not null. 400 if that is nothing.
pub(crate) async fn update_profile(call: Call<Caller>) -> Result<Response, ApiError> {
    let mut fields = call.document.fields()?;
    let values = (fields.optional_string("name"), fields.optional_string("image"));
    let (name, image) = fields.finish(values)?;
    let user = call.app.services.update_profile(&call.access, UpdateProfile { name, image }).await?;
    Ok(profile_of(&user))
}
