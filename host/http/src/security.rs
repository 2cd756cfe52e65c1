//! Who may call a route, and how a caller proves who they are.
//!
//! A route can't be entered into the [table](crate::table) without one of these, and its handler gets
//! what the check found out: a handler that wants a [`Caller`] fits only on a route that asks for one.

use std::future::Future;
use std::marker::PhantomData;

use axum::http::{HeaderMap, Method, header, request::Parts};
use hookgate_core::error::AuthError;
use hookgate_core::services::Caller;
use subtle::ConstantTimeEq as _;

use crate::cookies::cookie;
use crate::error::ApiError;
use crate::extract::Reading;
use crate::state::App;

/// What a route asks of a request before its handler runs.
pub(crate) struct Security<A> {
    reading: Reading,
    access: PhantomData<A>,
}

/// Open to everybody.
pub(crate) const fn public() -> Security<Anyone> {
    Security { reading: Reading::Nothing, access: PhantomData }
}

/// For signed-in users whose account is active.
pub(crate) const fn caller() -> Security<Caller> {
    Security { reading: Reading::Nothing, access: PhantomData }
}

impl<A> Security<A> {
    /// The route reads a JSON body. It is parsed before anybody is authenticated.
    pub(crate) const fn with_body(self) -> Self {
        Self { reading: Reading::Json, access: self.access }
    }

    /// The route reads a body that it can do without: what is not JSON counts as none.
    pub(crate) const fn with_lenient_body(self) -> Self {
        Self { reading: Reading::JsonOrNothing, access: self.access }
    }

    /// What of the body is read.
    pub(crate) const fn into_reading(self) -> Reading {
        self.reading
    }
}

/// What a check finds out.
pub(crate) trait Access: Sized + Send + 'static {
    /// The name in the route table.
    const NAME: &'static str;

    /// Checks a request.
    fn admit(app: &App, parts: &Parts) -> impl Future<Output = Result<Self, ApiError>> + Send;
}

/// Nothing is known of the caller.
pub(crate) struct Anyone;

impl Access for Anyone {
    const NAME: &'static str = "public";

    async fn admit(_: &App, _: &Parts) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

impl Access for Caller {
    const NAME: &'static str = "caller";

    async fn admit(app: &App, parts: &Parts) -> Result<Self, ApiError> {
        let presented = presented_token(app, &parts.headers).ok_or(AuthError::NotAuthenticated)?;
        let token = str::from_utf8(presented.token).map_err(|_| AuthError::NotAuthenticated)?;
        let caller = app.services.authenticate(token).await?;
        // Before the account's state: what another site made the browser send learns nothing.
        if presented.carrier == Carrier::Cookie {
            check_csrf(app, parts)?;
        }
        Ok(caller.require_active()?)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Carrier {
    Bearer,
    Cookie,
}

struct Presented<'a> {
    token: &'a [u8],
    carrier: Carrier,
}

/// The token of a request. A bearer token is final: if it is bad, no cookie helps.
fn presented_token<'a>(app: &App, headers: &'a HeaderMap) -> Option<Presented<'a>> {
    if let Some(token) = bearer(headers) {
        return Some(Presented { token, carrier: Carrier::Bearer });
    }
    let token = cookie(headers, &app.options.cookies.name_access)?;
    Some(Presented { token, carrier: Carrier::Cookie })
}

/// The credentials of the scheme `Bearer`. Another scheme, or no credentials, count as absent.
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let space = value.iter().position(|&byte| byte == b' ')?;
    let (scheme, token) = (&value[..space], value[space..].trim_ascii());
    (scheme.eq_ignore_ascii_case(b"bearer") && !token.is_empty()).then_some(token)
}

/// The double submit: a header that repeats a cookie. Another site can make the browser send the
/// cookie but can't read it. Only for methods that change something.
pub(crate) fn check_csrf(app: &App, parts: &Parts) -> Result<(), ApiError> {
    let csrf = &app.options.csrf;
    let is_unsafe = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(&parts.method);
    if !csrf.enabled || !is_unsafe {
        return Ok(());
    }
    let submitted = parts.headers.get(&csrf.header_name).map_or(&[][..], |value| value.as_bytes());
    let expected = cookie(&parts.headers, &csrf.cookie_name).unwrap_or_default();
    let is_good = !expected.is_empty() && submitted.is_ascii() && bool::from(submitted.ct_eq(expected));
    if is_good { Ok(()) } else { Err(ApiError::Csrf) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bearer_with_a_token_counts() {
        let cases = [
            ("Bearer abc", Some("abc")),
            ("bEARER   abc ", Some("abc")),
            ("Bearer a b", Some("a b")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Basic abc", None),
            ("Bearer\tabc", None),
            ("", None),
        ];
        for (value, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().expect("a header value"));
            assert_eq!(bearer(&headers), expected.map(str::as_bytes), "{value:?}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
