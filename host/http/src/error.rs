//! From what went wrong to what the client sees: the only place that knows statuses and texts.

mod oauth;

use std::borrow::Cow;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use hookgate_core::adapters::StoreError;
use hookgate_core::error::AuthError;
use hookgate_core::hooks::Denial;
use hookgate_core::oauth::OAuthError;
use serde::Serialize;

use crate::extract::{BodyError, Invalid};
use crate::request_id::RequestId;
use crate::respond;

/// Everything that a route may answer instead of success.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// A service said no.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// 422: the body is not what the route asks for.
    #[error("the request is not valid")]
    Invalid(#[from] Invalid),
    /// The body could not be read.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// 403: authenticated by cookie, without the double submit.
    #[error("CSRF token missing or invalid")]
    Csrf,
    /// 404: no such route.
    #[error("not found")]
    NotFound,
    /// 405: no such method on this route; these are.
    #[error("method not allowed")]
    MethodNotAllowed(HeaderValue),
    /// 429: this client calls too often; so long it has to wait.
    #[error("too many requests")]
    TooManyRequests(Duration),
    /// 503: took too long.
    #[error("timed out")]
    TimedOut,
    /// 500: a bug. The panic itself was reported where it happened.
    #[error("panicked: {0}")]
    Panicked(String),
}

/// `{"detail": …}`, and for denials maybe a code.
#[derive(Serialize)]
struct ErrorBody<'a> {
    detail: Detail<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Detail<'a> {
    Text(Cow<'a, str>),
    Fields(&'a Invalid),
}

/// How soon a client that was sent away may come back, in seconds. Hashes take a tenth of one.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

impl ApiError {
    /// The answer. What the operator has to know is logged here, once.
    pub(crate) fn into_response(self, request: &RequestId) -> Response {
        self.log(request);
        let (status, detail) = self.status_and_detail();
        let code = match &self {
            Self::Auth(AuthError::Denied(denial)) => denial.code.as_deref(),
            _ => None,
        };
        let mut response = respond::json(status, &ErrorBody { detail, code });
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        match self {
            Self::MethodNotAllowed(allow) => drop(headers.insert(header::ALLOW, allow)),
            Self::TooManyRequests(wait) => {
                // The second before would be too early.
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
            }
            // What is left of the body would be read as the next request.
            Self::Body(BodyError::TooSlow) => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }

    fn status_and_detail(&self) -> (StatusCode, Detail<'_>) {
        let text = |status, text| (status, Detail::Text(Cow::Borrowed(text)));
        match self {
            Self::Auth(error) => {
                let (status, detail) = of_auth_error(error);
                (status, Detail::Text(detail))
            }
            Self::Invalid(invalid) => (StatusCode::UNPROCESSABLE_ENTITY, Detail::Fields(invalid)),
            Self::Body(BodyError::Unreadable) => {
                text(StatusCode::BAD_REQUEST, "There was an error parsing the body")
            }
            Self::Body(BodyError::TooLarge) => text(StatusCode::PAYLOAD_TOO_LARGE, "Content Too Large"),
            Self::Body(BodyError::TooSlow) => text(StatusCode::REQUEST_TIMEOUT, "Request Timeout"),
            Self::Csrf => text(StatusCode::FORBIDDEN, "CSRF token missing or invalid"),
            Self::NotFound => text(StatusCode::NOT_FOUND, "Not Found"),
            Self::MethodNotAllowed(_) => text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
            Self::TooManyRequests(_) => {
                text(StatusCode::TOO_MANY_REQUESTS, "Too many requests, try again later")
            }
            Self::TimedOut => text(StatusCode::SERVICE_UNAVAILABLE, "The request took too long"),
            Self::Panicked(_) => text(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL),
        }
    }

    fn log(&self, request: &RequestId) {
        let request = request.as_str();
        match self {
            Self::Auth(AuthError::Busy(what)) => {
                tracing::warn!(request.id = request, busy = what, "a request was sent away");
            }
            Self::Auth(error @ (AuthError::Store(_) | AuthError::Internal(_))) => tracing::error!(
                request.id = request,
                error = %Chain(error),
                "a request failed"
            ),
            Self::Auth(AuthError::OAuth(error @ OAuthError::Provider { .. })) => {
                tracing::warn!(request.id = request, %error, "an OAuth provider gave no identity");
            }
            Self::TimedOut | Self::Panicked(_) => {
                tracing::error!(request.id = request, error = %self, "a request failed");
            }
            // What a plugin refused or failed at, the plugin host has logged, with more than is known here.
            Self::Auth(_)
            | Self::Invalid(_)
            | Self::Body(_)
            | Self::Csrf
            | Self::NotFound
            | Self::MethodNotAllowed(_)
            | Self::TooManyRequests(_) => {}
        }
    }
}

/// Gives a denial whose plugin had no words for the user the route's own.
pub(crate) fn denied_as(text: &'static str) -> impl Fn(AuthError) -> AuthError {
    move |error| match error {
        AuthError::Denied(denial) if denial.message.is_none() => {
            AuthError::Denied(Denial { message: Some(text.to_owned()), ..denial })
        }
        other => other,
    }
}

const INTERNAL: &str = "Internal Server Error";

fn of_auth_error(error: &AuthError) -> (StatusCode, Cow<'_, str>) {
    let fixed = |status, text| (status, Cow::Borrowed(text));
    match error {
        AuthError::InvalidCredentials => fixed(StatusCode::UNAUTHORIZED, "Invalid email or password"),
        AuthError::CredentialsNotConfigured => {
            fixed(StatusCode::BAD_REQUEST, "Credentials provider is not configured")
        }
        AuthError::NotAuthenticated => fixed(StatusCode::UNAUTHORIZED, "Not authenticated"),
        AuthError::AccountDeactivated => fixed(StatusCode::UNAUTHORIZED, "Account is deactivated"),
        AuthError::EmailTaken => fixed(StatusCode::CONFLICT, "A user with this email already exists"),
        AuthError::PasswordPolicy(violation) => (StatusCode::BAD_REQUEST, violation.to_string().into()),
        AuthError::Denied(denial) => {
            fixed(StatusCode::FORBIDDEN, denial.message.as_deref().unwrap_or("Sign in not allowed"))
        }
        AuthError::HookFailed(_) => {
            fixed(StatusCode::SERVICE_UNAVAILABLE, "Sign in is not possible at the moment: a hook failed")
        }
        AuthError::RefreshTokenRequired => fixed(StatusCode::UNAUTHORIZED, "Refresh token required"),
        AuthError::RefreshTokenInvalid => fixed(StatusCode::UNAUTHORIZED, "Invalid refresh token"),
        AuthError::RefreshTokenReused => {
            fixed(StatusCode::UNAUTHORIZED, "Refresh token has already been used")
        }
        AuthError::SessionNotFound => fixed(StatusCode::NOT_FOUND, "Session not found"),
        AuthError::CurrentPasswordIncorrect => {
            fixed(StatusCode::BAD_REQUEST, "Current password is incorrect")
        }
        AuthError::PasswordIncorrect => fixed(StatusCode::BAD_REQUEST, "Password is incorrect"),
        AuthError::EmailInUse => fixed(StatusCode::CONFLICT, "Email is already in use"),
        AuthError::NothingToUpdate => fixed(StatusCode::BAD_REQUEST, "No fields to update"),
        AuthError::VerificationTokenInvalid => {
            fixed(StatusCode::BAD_REQUEST, "Invalid or expired verification token")
        }
        AuthError::ResetTokenInvalid => fixed(StatusCode::BAD_REQUEST, "Invalid or expired reset token"),
        AuthError::EmailChangeTokenInvalid => fixed(StatusCode::BAD_REQUEST, "Invalid or expired token"),
        AuthError::MagicLinkInvalid => fixed(StatusCode::UNAUTHORIZED, "Invalid or expired magic link"),
        AuthError::AccountInactive => fixed(StatusCode::UNAUTHORIZED, "Account is inactive"),
        AuthError::PasskeysNotConfigured => {
            fixed(StatusCode::NOT_IMPLEMENTED, "PasskeyProvider is not configured")
        }
        AuthError::ChallengeInvalid => fixed(StatusCode::BAD_REQUEST, "Invalid or expired challenge"),
        AuthError::PasskeyRegistrationFailed(why) => {
            (StatusCode::BAD_REQUEST, format!("Registration verification failed: {why}").into())
        }
        AuthError::PasskeyRefused(why) => {
            (StatusCode::UNAUTHORIZED, format!("Authentication verification failed: {why}").into())
        }
        AuthError::PasskeyNotFound => fixed(StatusCode::NOT_FOUND, "Passkey not found"),
        AuthError::PasskeyUnknown => fixed(StatusCode::UNAUTHORIZED, "Passkey not found"),
        AuthError::PasskeyExists => fixed(StatusCode::CONFLICT, "Passkey is already registered"),
        AuthError::PasskeyUserInactive => fixed(StatusCode::UNAUTHORIZED, "User not found or inactive"),
        AuthError::OAuth(error) => oauth::of_oauth_error(error),
        AuthError::TokenInvalid => fixed(StatusCode::BAD_REQUEST, "Invalid token"),
        AuthError::OnlyRefreshTokens => fixed(StatusCode::BAD_REQUEST, "Only refresh tokens can be revoked"),
        AuthError::TokenOfAnother => fixed(StatusCode::FORBIDDEN, "Cannot revoke another user's token"),
        AuthError::InsufficientRole => fixed(StatusCode::FORBIDDEN, "Insufficient role"),
        AuthError::InsufficientPermissions => fixed(StatusCode::FORBIDDEN, "Insufficient permissions"),
        AuthError::RoleExists => fixed(StatusCode::CONFLICT, "Role already exists"),
        AuthError::RoleNotFound => fixed(StatusCode::NOT_FOUND, "Role not found"),
        AuthError::UserNotFound => fixed(StatusCode::NOT_FOUND, "User not found"),
        AuthError::NotOffered => {
            fixed(StatusCode::BAD_REQUEST, "Not available with the configured session strategy")
        }
        AuthError::Busy(_) => fixed(StatusCode::SERVICE_UNAVAILABLE, "The server is busy, try again"),
        AuthError::Store(StoreError::Unavailable(_)) => {
            fixed(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
        }
        AuthError::Store(StoreError::Conflict(_)) | AuthError::Internal(_) => {
            fixed(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL)
        }
    }
}

/// An error and what caused it, in one line.
struct Chain<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&said)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            let text = error.to_string();
            // A transparent error, and one that quotes its cause, would say everything twice.
            if !said.contains(&text) {
                write!(f, ": {text}")?;
                said = text;
            }
            source = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use hookgate_core::adapters::Conflict;
    use hookgate_core::hooks::{Denial, Hook, HookFailure, Stage};
    use hookgate_core::passwords::PolicyViolation;

    use super::*;

    async fn shown(error: ApiError) -> String {
        let response = error.into_response(&RequestId::UNKNOWN);
        let status = response.status().as_u16();
        let names = [header::WWW_AUTHENTICATE, header::RETRY_AFTER, header::ALLOW, header::CONNECTION];
        let headers: String = names
            .iter()
            .filter_map(|name| Some(format!(" {name}={}", response.headers().get(name)?.to_str().ok()?)))
            .collect();
        let body = to_bytes(response.into_body(), 4096).await.expect("a body");
        format!("{status}{headers} {}", String::from_utf8_lossy(&body))
    }

    /// The whole list: statuses, headers and texts that clients may rely on.
    #[tokio::test]
    async fn every_error_has_its_answer() {
        let denied = |message: Option<&str>, code: Option<&str>| {
            ApiError::from(AuthError::Denied(Denial {
                message: message.map(str::to_owned),
                code: code.map(str::to_owned),
                reason: Some("private".to_owned()),
                plugin: "gate".to_owned(),
            }))
        };
        let failure = HookFailure {
            plugin: "gate".to_owned(),
            hook: Hook::AllowSignin,
            stage: Stage::Guest("private".to_owned()),
        };
        let unauthorized = "401 www-authenticate=Bearer";
        let cases = [
            (
                AuthError::InvalidCredentials.into(),
                format!(r#"{unauthorized} {{"detail":"Invalid email or password"}}"#),
            ),
            (
                AuthError::NotAuthenticated.into(),
                format!(r#"{unauthorized} {{"detail":"Not authenticated"}}"#),
            ),
            (
                AuthError::AccountDeactivated.into(),
                format!(r#"{unauthorized} {{"detail":"Account is deactivated"}}"#),
            ),
            (
                AuthError::RefreshTokenRequired.into(),
                format!(r#"{unauthorized} {{"detail":"Refresh token required"}}"#),
            ),
            (
                AuthError::RefreshTokenInvalid.into(),
                format!(r#"{unauthorized} {{"detail":"Invalid refresh token"}}"#),
            ),
            (
                AuthError::RefreshTokenReused.into(),
                format!(r#"{unauthorized} {{"detail":"Refresh token has already been used"}}"#),
            ),
            (
                AuthError::EmailTaken.into(),
                r#"409 {"detail":"A user with this email already exists"}"#.to_owned(),
            ),
            (
                AuthError::PasswordPolicy(PolicyViolation::TooShort(8)).into(),
                r#"400 {"detail":"Password must be at least 8 characters long"}"#.to_owned(),
            ),
            (denied(None, None), r#"403 {"detail":"Sign in not allowed"}"#.to_owned()),
            (
                denied(Some("Not on Sundays"), Some("sunday")),
                r#"403 {"detail":"Not on Sundays","code":"sunday"}"#.to_owned(),
            ),
            (
                AuthError::HookFailed(failure).into(),
                r#"503 retry-after=1 {"detail":"Sign in is not possible at the moment: a hook failed"}"#
                    .to_owned(),
            ),
            (
                AuthError::CredentialsNotConfigured.into(),
                r#"400 {"detail":"Credentials provider is not configured"}"#.to_owned(),
            ),
            (AuthError::SessionNotFound.into(), r#"404 {"detail":"Session not found"}"#.to_owned()),
            (
                AuthError::NotOffered.into(),
                r#"400 {"detail":"Not available with the configured session strategy"}"#.to_owned(),
            ),
            (
                AuthError::Busy("x").into(),
                r#"503 retry-after=1 {"detail":"The server is busy, try again"}"#.to_owned(),
            ),
            (
                AuthError::Store(StoreError::unavailable("private")).into(),
                r#"503 retry-after=1 {"detail":"Service Unavailable"}"#.to_owned(),
            ),
            (
                AuthError::Store(StoreError::Conflict(Conflict::RoleMissing)).into(),
                r#"500 {"detail":"Internal Server Error"}"#.to_owned(),
            ),
            (
                AuthError::Internal("private".to_owned()).into(),
                r#"500 {"detail":"Internal Server Error"}"#.to_owned(),
            ),
            (
                BodyError::Unreadable.into(),
                r#"400 {"detail":"There was an error parsing the body"}"#.to_owned(),
            ),
            (
                ApiError::TooManyRequests(Duration::from_millis(1_001)),
                r#"429 retry-after=2 {"detail":"Too many requests, try again later"}"#.to_owned(),
            ),
            (BodyError::TooLarge.into(), r#"413 {"detail":"Content Too Large"}"#.to_owned()),
            (BodyError::TooSlow.into(), r#"408 connection=close {"detail":"Request Timeout"}"#.to_owned()),
            (ApiError::Csrf, r#"403 {"detail":"CSRF token missing or invalid"}"#.to_owned()),
            (ApiError::NotFound, r#"404 {"detail":"Not Found"}"#.to_owned()),
            (
                ApiError::MethodNotAllowed(HeaderValue::from_static("GET")),
                r#"405 allow=GET {"detail":"Method Not Allowed"}"#.to_owned(),
            ),
            (ApiError::TimedOut, r#"503 retry-after=1 {"detail":"The request took too long"}"#.to_owned()),
            (
                ApiError::Panicked("private".to_owned()),
                r#"500 {"detail":"Internal Server Error"}"#.to_owned(),
            ),
        ];
        for (error, expected) in cases {
            assert_eq!(shown(error).await, expected);
        }
    }

    #[test]
    fn the_log_names_causes_once() {
        let inner = std::io::Error::other("disk full");
        let error = AuthError::Store(StoreError::unavailable(inner));
        assert_eq!(Chain(&error).to_string(), "storage failed: disk full");
    }
}
