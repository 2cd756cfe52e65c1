//! Why a request does not pass, and what its caller is told.

use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};

/// A closed list; the texts are fixed, so that nothing of a token comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no bearer token.
    #[error("no token")]
    Missing,
    /// The token is malformed, badly signed, or was not made for this.
    #[error("the token is not valid")]
    Invalid,
    /// The token was good once.
    #[error("the token has expired")]
    Expired,
    /// The token is good, but lacks a role.
    #[error("a role is missing")]
    MissingRole,
    /// The token is good, but lacks a permission.
    #[error("a permission is missing")]
    MissingPermission,
    /// The keys to check it with can't be had.
    #[error("the keys can't be fetched")]
    NoKeys,
}

impl Refusal {
    /// The status that stands for it.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Missing | Self::Invalid | Self::Expired => StatusCode::UNAUTHORIZED,
            Self::MissingRole | Self::MissingPermission => StatusCode::FORBIDDEN,
            Self::NoKeys => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The challenge (RFC 6750 section 3).
    const fn challenge(self) -> Option<&'static str> {
        match self {
            Self::Missing => Some("Bearer"),
            Self::Invalid => {
                Some(r#"Bearer error="invalid_token", error_description="The token is not valid""#)
            }
            Self::Expired => {
                Some(r#"Bearer error="invalid_token", error_description="The token has expired""#)
            }
            Self::MissingRole | Self::MissingPermission => Some(r#"Bearer error="insufficient_scope""#),
            Self::NoKeys => None,
        }
    }

    const fn body(self) -> &'static str {
        match self {
            Self::Missing | Self::Invalid | Self::Expired => r#"{"detail":"Not authenticated"}"#,
            Self::MissingRole => r#"{"detail":"Insufficient role"}"#,
            Self::MissingPermission => r#"{"detail":"Insufficient permissions"}"#,
            Self::NoKeys => r#"{"detail":"Service Unavailable"}"#,
        }
    }

    /// The answer.
    #[must_use]
    pub fn response<B: From<&'static str>>(self) -> Response<B> {
        let mut response = Response::new(B::from(self.body()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(challenge) = self.challenge() {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if self == Self::NoKeys {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
