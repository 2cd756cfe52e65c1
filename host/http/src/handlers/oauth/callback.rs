//! `GET /oauth/{provider}/callback`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::error::AuthError;
use hookgate_core::oauth::OAuthError;
use hookgate_core::services::{OAuthReturn, Returned};

use crate::call::Call;
use crate::delivery;
use crate::error::{ApiError, denied_as};
use crate::oauth_cookie;
use crate::security::Anyone;

/// The end of a sign-in: tokens as everywhere, or with `oauth_redirect_url` a redirect and cookies. 400
/// if state or code are no good or the provider says no, 401 if the account is deactivated, 403 if a
/// plugin refuses, 502 if the provider is away.
pub(crate) async fn callback(mut call: Call<Anyone>) -> Result<Response, ApiError> {
    let back = read(&mut call).await?;
    let signed_in = call.app.services.oauth_callback(&call.context(), &back).await;
    let signed_in = signed_in.map_err(denied_as("Sign-in not allowed"))?;
    Ok(match &call.app.options.oauth_redirect_url {
        Some(url) => delivery::signed_in_elsewhere(&call.app, url, &signed_in),
        None => delivery::signed_in(&call.app, StatusCode::OK, &signed_in),
    })
}

/// What the browser came back with: a code or an error, and the state.
pub(super) async fn read(call: &mut Call<Anyone>) -> Result<OAuthReturn, ApiError> {
    let provider = call.path_parameter().await?;
    let parameter = |name| call.query_all(name).pop();
    let (state, returned) = match parameter("error") {
        // A provider that could not read the state does not send it back.
        Some(error) => match parameter("state") {
            Some(state) => (state, Returned::Error(error)),
            None => return Err(AuthError::from(OAuthError::StateInvalid).into()),
        },
        None => {
            let [code, state] = call.query_pair(["code", "state"])?;
            (state, Returned::Code(code))
        }
    };
    let browser = oauth_cookie::read(&call.parts.headers).map(str::to_owned);
    Ok(OAuthReturn { provider, state, returned, issuer: parameter("iss"), browser })
}
