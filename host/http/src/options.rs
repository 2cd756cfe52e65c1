//! What the operator can choose about HTTP. Reading these from a file is the server's business.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use ipnet::IpNet;

use crate::rate_limit::RateLimits;

/// The cookie that binds an OAuth flow to its browser. No other can have its name.
pub(crate) const OAUTH_COOKIE: &str = "oauth_state";

/// How tokens reach the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenDelivery {
    /// In the body.
    #[default]
    Json,
    /// In cookies; bodies then hold no token.
    Cookie,
}

/// The cookie attribute of that name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// Sent along when the user follows a link from another site.
    #[default]
    Lax,
    /// Never sent along from another site.
    Strict,
    /// Always sent along. Browsers want `Secure` with it.
    None,
}

impl SameSite {
    /// The attribute's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lax => "lax",
            Self::Strict => "strict",
            Self::None => "none",
        }
    }
}

/// The cookies that hold tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieSettings {
    /// The access token's, or the session token's with `session_strategy = "database"`.
    pub name_access: String,
    /// The refresh token's.
    pub name_refresh: String,
    /// Whether they go over HTTPS only.
    pub secure: bool,
    /// Whether they are hidden from scripts.
    pub httponly: bool,
    /// When other sites' requests carry them.
    pub samesite: SameSite,
    /// The domain that they are shared with; only the server's own host if none.
    pub domain: Option<String>,
}

impl Default for CookieSettings {
    fn default() -> Self {
        Self {
            name_access: "access_token".to_owned(),
            name_refresh: "refresh_token".to_owned(),
            secure: true,
            httponly: true,
            samesite: SameSite::default(),
            domain: None,
        }
    }
}

/// Protection against forged requests from other sites, for callers who authenticate by cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsrfSettings {
    /// Whether it is on.
    pub enabled: bool,
    /// The cookie that scripts of the own site read …
    pub cookie_name: String,
    /// … to copy it into this header.
    pub header_name: HeaderName,
}

impl Default for CsrfSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            cookie_name: "csrf_token".to_owned(),
            header_name: HeaderName::from_static("x-csrf-token"),
        }
    }
}

/// Who may read `/metrics`, where there are any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricsAccess {
    /// Programs on the same machine that come directly, not through a proxy.
    #[default]
    Local,
    /// Everybody.
    Public,
    /// Nobody.
    Off,
}

/// Whose `traceparent` header is believed: who may say which trace a request belongs to, and whether it is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TraceTrust {
    /// That of the trusted proxies.
    #[default]
    Proxies,
    /// Everybody's: for a server that only programs of the own house reach.
    Everybody,
    /// Nobody's: every request begins a trace.
    Nobody,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// What every route but `/healthz` and `/readyz` is below; empty for none.
    pub route_prefix: String,
    /// How tokens reach the client.
    pub token_delivery: TokenDelivery,
    /// The cookies.
    pub cookies: CookieSettings,
    /// Their protection.
    pub csrf: CsrfSettings,
    /// Where browsers go after signing in through an OAuth provider; nowhere if none: the answer is JSON.
    pub oauth_redirect_url: Option<HeaderValue>,
    /// The origins whose scripts may call, as browsers send them; `*` for all.
    pub cors_origins: Vec<HeaderValue>,
    /// The largest body that is read.
    pub body_limit_bytes: usize,
    /// How long a client may take to send its body.
    pub body_timeout: Duration,
    /// How long a request may take, the body included.
    pub request_timeout: Duration,
    /// The proxies whose `X-Forwarded-For` and `X-Request-Id` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whose `traceparent` is.
    pub traceparent_from: TraceTrust,
    /// How often one client may call; as often as it likes if none.
    pub rate_limits: Option<RateLimits>,
    /// Whether `/openapi.json` and `/docs` are there.
    pub openapi: bool,
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            route_prefix: "/auth".to_owned(),
            token_delivery: TokenDelivery::default(),
            cookies: CookieSettings::default(),
            csrf: CsrfSettings::default(),
            oauth_redirect_url: None,
            cors_origins: Vec::new(),
            // The largest honest body is a registration: an address, a name and a password.
            body_limit_bytes: 64 * 1024,
            body_timeout: Duration::from_secs(10),
            // Longer than the hooks of one request and a queue of password hashes may take.
            request_timeout: Duration::from_secs(30),
            trusted_proxies: Vec::new(),
            traceparent_from: TraceTrust::default(),
            rate_limits: None,
            openapi: true,
            metrics: MetricsAccess::default(),
        }
    }
}

/// An option that can't work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// The prefix is no path.
    #[error(
        "route_prefix `{0}` must be empty or start with `/`, without `{{`, `}}`, `?`, `#`, `*`, blanks or `//`"
    )]
    RoutePrefix(String),
    /// The name can't be a cookie's.
    #[error("`{0}` can't be the name of a cookie: use letters, digits, `-`, `_` and `.`")]
    CookieName(String),
    /// Two cookies would overwrite each other.
    #[error("two cookies have the name `{0}`")]
    CookieNameTwice(String),
    /// The domain can't be a cookie's.
    #[error("`{0}` can't be the domain of a cookie: use letters, digits, `-` and `.`")]
    CookieDomain(String),
    /// Browsers drop such cookies.
    #[error("cookies with SameSite=None must be secure, or browsers drop them")]
    SameSiteNoneInsecure,
}

impl HttpOptions {
    /// Checks what the types can't. [`router()`](crate::router()) does so too; this is for telling the
    /// operator without starting.
    ///
    /// # Errors
    /// The first option that can't work.
    pub fn check(&self) -> Result<(), OptionsError> {
        let prefix = &self.route_prefix;
        let is_path = prefix.is_empty()
            || (prefix.starts_with('/')
                && !prefix.contains("//")
                && prefix.chars().all(|c| c.is_ascii_graphic() && !"{}?#*\\\"<>".contains(c)));
        if !is_path {
            return Err(OptionsError::RoutePrefix(prefix.clone()));
        }
        let oauth = OAUTH_COOKIE.to_owned();
        let names = [&oauth, &self.cookies.name_access, &self.cookies.name_refresh, &self.csrf.cookie_name];
        for (index, name) in names.into_iter().enumerate() {
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
                return Err(OptionsError::CookieName(name.clone()));
            }
            if names[..index].contains(&name) {
                return Err(OptionsError::CookieNameTwice(name.clone()));
            }
        }
        if let Some(domain) = &self.cookies.domain
            && (domain.is_empty() || !domain.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c)))
        {
            return Err(OptionsError::CookieDomain(domain.clone()));
        }
        if self.cookies.samesite == SameSite::None && !self.cookies.secure {
            return Err(OptionsError::SameSiteNoneInsecure);
        }
        Ok(())
    }

    /// The prefix without a final slash.
    pub(crate) fn prefix(&self) -> &str {
        self.route_prefix.trim_end_matches('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl FnOnce(&mut HttpOptions)) -> Result<(), OptionsError> {
        let mut options = HttpOptions::default();
        change(&mut options);
        options.check()
    }

    #[test]
    fn defaults_work() {
        assert_eq!(HttpOptions::default().check(), Ok(()));
    }

    #[test]
    fn prefixes_are_paths() {
        for good in ["", "/", "/auth", "/api/v1/auth/"] {
            assert_eq!(with(|o| o.route_prefix = good.to_owned()), Ok(()), "{good}");
        }
        for bad in ["auth", "//auth", "/a b", "/{id}", "/a?b", "/*", "/ä"] {
            let expected = Err(OptionsError::RoutePrefix(bad.to_owned()));
            assert_eq!(with(|o| o.route_prefix = bad.to_owned()), expected, "{bad}");
        }
    }

    #[test]
    fn cookies_can_be_set() {
        for bad in ["", "a b", "a;b", "a=b", "ä"] {
            let expected = Err(OptionsError::CookieName(bad.to_owned()));
            assert_eq!(with(|o| o.cookies.name_refresh = bad.to_owned()), expected, "{bad}");
        }
        let twice = with(|o| o.csrf.cookie_name = "access_token".to_owned());
        assert_eq!(twice, Err(OptionsError::CookieNameTwice("access_token".to_owned())));
        let domain = with(|o| o.cookies.domain = Some("a;b".to_owned()));
        assert_eq!(domain, Err(OptionsError::CookieDomain("a;b".to_owned())));
        let insecure = with(|o| {
            o.cookies.samesite = SameSite::None;
            o.cookies.secure = false;
        });
        assert_eq!(insecure, Err(OptionsError::SameSiteNoneInsecure));
    }
}
