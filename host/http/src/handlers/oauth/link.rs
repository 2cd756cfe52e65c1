//! `GET /oauth/{provider}/link`, `GET /oauth/{provider}/link/callback`

use axum::response::Response;
use hookgate_core::services::Caller;

use super::authorize::directions;
use super::callback::read;
use crate::call::Call;
use crate::error::ApiError;
use crate::oauth_cookie;
use crate::respond::message;
use crate::security::Anyone;

/// Where the browser has to go to link an account to the caller.
pub(crate) async fn link(mut call: Call<Caller>) -> Result<Response, ApiError> {
    let provider = call.path_parameter().await?;
    let redirect_uri = call.query("redirect_uri")?;
    let browser = oauth_cookie::read(&call.parts.headers);
    let services = &call.app.services;
    let authorization = services.oauth_link(&call.access, &provider, &redirect_uri, browser).await?;
    Ok(directions(&call.app, &authorization))
}

/// The end of it. The state says who is linked. 400 if the account is linked already.
pub(crate) async fn link_callback(mut call: Call<Anyone>) -> Result<Response, ApiError> {
    let back = read(&mut call).await?;
    call.app.services.oauth_link_callback(&call.context(), &back).await?;
    Ok(message(&format!("{} account linked successfully", capitalised(&back.provider))))
}

/// FastAuth names the provider by its id, with a capital letter.
fn capitalised(id: &str) -> String {
    let mut characters = id.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + characters.as_str())
}
