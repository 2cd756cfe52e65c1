//! The cookie that binds an OAuth flow to the browser that began it.
//!
//! Without it somebody could begin a flow, and let another browser end it: that user would be signed in
//! as, or linked to, a stranger (RFC 6749 section 10.12).

use axum::http::{HeaderMap, HeaderValue};

use crate::cookies::cookie;
use crate::options::{OAUTH_COOKIE, SameSite};
use crate::state::App;

/// As long as the state is good, in seconds.
const MAX_AGE: u32 = 600;

/// The browser's secret.
pub(crate) fn read(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, OAUTH_COOKIE).and_then(|value| str::from_utf8(value).ok())
}

/// A browser's secret for it to keep.
///
/// It comes back by a redirect from the provider's site, which `SameSite=Strict` would not let through.
/// It is `Secure` where users reach the server by HTTPS; elsewhere browsers would drop it, and a flow
/// could not end.
pub(crate) fn write(app: &App, secret: &str) -> HeaderValue {
    let cookies = &app.options.cookies;
    let (samesite, is_secure) = match cookies.samesite {
        SameSite::None => (SameSite::None, true),
        SameSite::Lax | SameSite::Strict => {
            (SameSite::Lax, cookies.secure && app.services.settings().links.starts_with("https://"))
        }
    };
    let domain = cookies.domain.as_ref().map(|domain| format!("; Domain={domain}")).unwrap_or_default();
    let secure = if is_secure { "; Secure" } else { "" };
    let samesite = samesite.as_str();
    let line = format!(
        "{OAUTH_COOKIE}={secret}{domain}; HttpOnly; Max-Age={MAX_AGE}; Path=/; SameSite={samesite}{secure}"
    );
    // The domain was checked with the options, and the secret is base64url.
    HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""))
}
