//! `GET /oauth/{provider}/authorize`

use axum::http::{StatusCode, header};
use axum::response::Response;
use hookgate_core::services::Authorization;
use serde::Serialize;

use crate::call::Call;
use crate::error::ApiError;
use crate::oauth_cookie;
use crate::respond::json;
use crate::security::Anyone;
use crate::state::App;

/// Where the browser has to go, and the cookie that it has to come back with.
pub(crate) async fn authorize(mut call: Call<Anyone>) -> Result<Response, ApiError> {
    let provider = call.path_parameter().await?;
    let redirect_uri = call.query("redirect_uri")?;
    let browser = oauth_cookie::read(&call.parts.headers);
    let authorization = call.app.services.oauth_authorize(&provider, &redirect_uri, browser).await?;
    Ok(directions(&call.app, &authorization))
}

#[derive(Serialize)]
struct Body<'a> {
    url: &'a str,
}

/// The answer that begins a flow.
pub(super) fn directions(app: &App, authorization: &Authorization) -> Response {
    let mut response = json(StatusCode::OK, &Body { url: &authorization.url });
    if let Some(browser) = &authorization.browser {
        response.headers_mut().append(header::SET_COOKIE, oauth_cookie::write(app, browser));
    }
    response
}
