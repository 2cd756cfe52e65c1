//! `POST /refresh`

use axum::http::StatusCode;
use axum::response::Response;
use hookgate_core::error::AuthError;

use crate::call::Call;
use crate::cookies::cookie;
use crate::delivery;
use crate::error::ApiError;
use crate::security::{Anyone, check_csrf};

/// 200 with new tokens for the one in the body or, without one, in the cookie. 401 if there is none,
/// or it is not good (any more).
pub(crate) async fn refresh(mut call: Call<Anyone>) -> Result<Response, ApiError> {
    let document = std::mem::take(&mut call.document);
    let from_body = match document.optional_fields()? {
        Some(mut fields) => {
            let value = (fields.string("refresh_token"),);
            Some(fields.finish(value)?.0).filter(|token| !token.is_empty())
        }
        None => None,
    };
    let token = match from_body {
        Some(token) => token,
        None => from_cookie(&call)?,
    };

    let signed_in = call.app.services.refresh(&call.context(), &token).await?;
    Ok(delivery::signed_in(&call.app, StatusCode::OK, &signed_in))
}

/// The browser sends this one by itself, so the double submit is asked for.
fn from_cookie(call: &Call<Anyone>) -> Result<String, ApiError> {
    let name = &call.app.options.cookies.name_refresh;
    let token = cookie(&call.parts.headers, name).ok_or(AuthError::RefreshTokenRequired)?;
    check_csrf(&call.app, &call.parts)?;
    let token = str::from_utf8(token).map_err(|_| AuthError::RefreshTokenInvalid)?;
    Ok(token.to_owned())
}
