//! The shapes of answers.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use hookgate_core::services::{ServiceToken, SessionToken, SignedIn, TokenPair};
use hookgate_core::user::User;
use serde::Serialize;

use crate::options::TokenDelivery;
use crate::state::App;

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
    json(StatusCode::OK, &Message { message })
}

/// 201 and `{"message": …}`
pub(crate) fn created(message: &str) -> Response {
    json(StatusCode::CREATED, &Message { message })
}

#[derive(Serialize)]
struct TokenBody<'a> {
    access_token: &'a str,
    refresh_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
}

#[derive(Serialize)]
struct SessionTokenBody<'a> {
    session_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
}

#[derive(Serialize)]
struct ServiceTokenBody<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
}

/// What a caller gets for signing in: tokens in the body, or in cookies and then not in the body.
pub(crate) fn signed_in(app: &App, status: StatusCode, signed_in: &SignedIn) -> Response {
    let mut response = match (app.options.token_delivery, signed_in) {
        (TokenDelivery::Cookie, _) => json(status, &Message { message: "Authentication successful" }),
        (TokenDelivery::Json, SignedIn::Tokens(pair)) => json(
            status,
            &TokenBody {
                access_token: &pair.access_token,
                refresh_token: &pair.refresh_token,
                token_type: "bearer",
                expires_in: pair.expires_in,
            },
        ),
        (TokenDelivery::Json, SignedIn::Session(session)) => json(
            status,
            &SessionTokenBody {
                session_token: &session.session_token,
                token_type: "session",
                expires_in: session.expires_in,
            },
        ),
    };
    if app.options.token_delivery == TokenDelivery::Cookie {
        set_cookies(app, response.headers_mut(), signed_in);
    }
    response
}

/// The same for a browser that is to go on to the application: cookies whatever the delivery, since a
/// token in the URL would end up in logs and histories.
pub(crate) fn signed_in_elsewhere(app: &App, url: &HeaderValue, signed_in: &SignedIn) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    response.headers_mut().insert(header::LOCATION, url.clone());
    set_cookies(app, response.headers_mut(), signed_in);
    response
}

fn set_cookies(app: &App, headers: &mut HeaderMap, signed_in: &SignedIn) {
    let jar = &app.cookies;
    match signed_in {
        SignedIn::Tokens(TokenPair { access_token, refresh_token, expires_in, refresh_expires_in }) => {
            headers.append(header::SET_COOKIE, jar.access(access_token, *expires_in));
            headers.append(header::SET_COOKIE, jar.refresh(refresh_token, *refresh_expires_in));
            headers.append(header::SET_COOKIE, jar.csrf(*refresh_expires_in));
        }
        SignedIn::Session(SessionToken { session_token, expires_in }) => {
            headers.append(header::SET_COOKIE, jar.access(session_token, *expires_in));
            headers.append(header::SET_COOKIE, jar.csrf(*expires_in));
        }
    }
}

/// Takes the cookies of a login back, where there are any.
pub(crate) fn clear_cookies(app: &App, headers: &mut HeaderMap) {
    if app.options.token_delivery == TokenDelivery::Cookie {
        for cleared in app.cookies.cleared() {
            headers.append(header::SET_COOKIE, cleared);
        }
    }
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
