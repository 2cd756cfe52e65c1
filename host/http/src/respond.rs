//! The shapes of answers.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use hookgate_core::services::ServiceToken;
use hookgate_core::user::User;
use serde::Serialize;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Any JSON.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let mut bytes = Vec::with_capacity(256);
    let status = match serde_json::to_writer(&mut bytes, body) {
        Ok(()) => status,
        // Answers are structs of texts and numbers; that one fails would be a bug, and is no panic.
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            bytes = br#"{"detail":"Internal Server Error"}"#.to_vec();
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
}

/// `{"message": …}`
pub(crate) fn message(message: &str) -> Response {
    message_with(StatusCode::OK, message)
}

/// 201 and `{"message": …}`
pub(crate) fn created(message: &str) -> Response {
    message_with(StatusCode::CREATED, message)
}

/// The same with any status.
pub(crate) fn message_with(status: StatusCode, message: &str) -> Response {
    json(status, &Message { message })
}

#[derive(Serialize)]
struct ServiceTokenBody<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
}

/// A token for other services. Always in the body: a cookie would bring it here only.
pub(crate) fn service_token(token: &ServiceToken) -> Response {
    let body = ServiceTokenBody {
        access_token: &token.access_token,
        token_type: "bearer",
        expires_in: token.expires_in,
    };
    json(StatusCode::OK, &body)
}

/// A user as clients see it.
#[derive(Serialize)]
pub(crate) struct UserBody<'a> {
    id: &'a str,
    email: &'a str,
    name: Option<&'a str>,
    image: Option<&'a str>,
    email_verified: bool,
    is_active: bool,
}

impl<'a> From<&'a User> for UserBody<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id.as_str(),
            email: &user.email,
            name: user.name.as_deref(),
            image: user.image.as_deref(),
            email_verified: user.email_verified,
            is_active: user.is_active,
        }
    }
}
