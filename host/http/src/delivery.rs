//! How tokens reach who signed in, in the body or in cookies, and how cookies are taken back.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use hookgate_core::services::{SessionToken, SignedIn, TokenPair};
use serde::Serialize;

use crate::options::TokenDelivery;
use crate::respond::{json, message_with};
use crate::state::App;

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

/// What a caller gets for signing in: tokens in the body, or in cookies and then not in the body.
pub(crate) fn signed_in(app: &App, status: StatusCode, signed_in: &SignedIn) -> Response {
    let mut response = match (app.options.token_delivery, signed_in) {
        (TokenDelivery::Cookie, _) => message_with(status, "Authentication successful"),
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
