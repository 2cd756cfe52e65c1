//! Cookies: reading them, and setting those that hold tokens.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::options::HttpOptions;

/// A cookie of the request; of several of one name the last. Empty ones count as absent.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let pairs = headers.get_all(header::COOKIE).iter().flat_map(|line| line.as_bytes().split(|&b| b == b';'));
    let value = |pair: &'a [u8]| {
        let equals = pair.iter().position(|&b| b == b'=')?;
        (pair[..equals].trim_ascii() == name.as_bytes()).then(|| pair[equals + 1..].trim_ascii())
    };
    pairs.filter_map(value).next_back().filter(|value| !value.is_empty())
}

/// Whose eyes a cookie is for.
#[derive(Clone, Copy)]
enum Audience {
    Server,
    Scripts,
}

/// The cookies that answers set, ready but for value and age.
pub(crate) struct CookieJar {
    access: Template,
    refresh: Template,
    csrf: Template,
}

impl CookieJar {
    pub(crate) fn new(options: &HttpOptions) -> Self {
        Self {
            access: Template::new(options, &options.cookies.name_access, Audience::Server),
            refresh: Template::new(options, &options.cookies.name_refresh, Audience::Server),
            csrf: Template::new(options, &options.csrf.cookie_name, Audience::Scripts),
        }
    }

    /// The access token or the session token.
    pub(crate) fn access(&self, value: &str, max_age: i64) -> HeaderValue {
        self.access.with(value, max_age)
    }

    /// The refresh token.
    pub(crate) fn refresh(&self, value: &str, max_age: i64) -> HeaderValue {
        self.refresh.with(value, max_age)
    }

    /// A new secret for the double submit.
    pub(crate) fn csrf(&self, max_age: i64) -> HeaderValue {
        self.csrf.with(&hookgate_core::ids::generate_secret(), max_age)
    }

    /// What makes a browser forget all three.
    pub(crate) fn cleared(&self) -> [HeaderValue; 3] {
        [self.access.cleared(), self.refresh.cleared(), self.csrf.cleared()]
    }
}

/// The attributes come in the order in which FastAuth writes them.
struct Template {
    name: String,
    /// What comes before the age.
    before_age: String,
    /// What comes after it.
    after_age: String,
}

impl Template {
    fn new(options: &HttpOptions, name: &str, audience: Audience) -> Self {
        let cookies = &options.cookies;
        let domain = cookies.domain.as_ref().map(|domain| format!("; Domain={domain}")).unwrap_or_default();
        let is_hidden = match audience {
            Audience::Server => cookies.httponly,
            Audience::Scripts => false,
        };
        Self {
            name: name.to_owned(),
            before_age: domain + if is_hidden { "; HttpOnly" } else { "" },
            after_age: format!(
                "; Path=/; SameSite={}{}",
                cookies.samesite.as_str(),
                if cookies.secure { "; Secure" } else { "" }
            ),
        }
    }

    fn with(&self, value: &str, max_age: i64) -> HeaderValue {
        let Self { name, before_age, after_age } = self;
        header_value(format!("{name}={value}{before_age}; Max-Age={max_age}{after_age}"))
    }

    /// With the attributes that it was set with: browsers refuse to touch a `SameSite=None` cookie
    /// from another site, or one whose name begins with `__Secure-`, by a plainer one.
    fn cleared(&self) -> HeaderValue {
        let Self { name, before_age, after_age } = self;
        let expires = "; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
        header_value(format!("{name}=\"\"{before_age}{expires}; Max-Age=0{after_age}"))
    }
}

/// Names and domains were checked with the options, and tokens are made of base64url and periods: what
/// can't be a header value was not made here, and then no cookie is better than half a one.
fn header_value(cookie: String) -> HeaderValue {
    HeaderValue::try_from(cookie).unwrap_or_else(|_| {
        tracing::error!("a cookie could not be written as a header");
        HeaderValue::from_static("")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{CookieSettings, SameSite};

    fn read(lines: &[&str], name: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, line.parse().expect("a header value"));
        }
        cookie(&headers, name).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        assert_eq!(read(&["a=1; b=2;c = 3 "], "a").as_deref(), Some("1"));
        assert_eq!(read(&["a=1; b=2;c = 3 "], "c").as_deref(), Some("3"));
        assert_eq!(read(&["xa=1; a2=2; A=3"], "a"), None);
        assert_eq!(read(&["a=x=y"], "a").as_deref(), Some("x=y"));
        assert_eq!(read(&["a", "=1", ";;"], "a"), None);
        assert_eq!(read(&["a="], "a"), None);
        assert_eq!(read(&[], "a"), None);
    }

    #[test]
    fn the_last_of_several_counts() {
        assert_eq!(read(&["a=1; a=2"], "a").as_deref(), Some("2"));
        assert_eq!(read(&["a=1", "b=1; a=3"], "a").as_deref(), Some("3"));
    }

    #[test]
    fn attributes_follow_the_options() {
        let jar = CookieJar::new(&HttpOptions::default());
        assert_eq!(
            jar.access("t", 900),
            "access_token=t; HttpOnly; Max-Age=900; Path=/; SameSite=lax; Secure"
        );
        let cookies = CookieSettings {
            secure: false,
            httponly: false,
            samesite: SameSite::Strict,
            domain: Some("example.org".to_owned()),
            ..CookieSettings::default()
        };
        let jar = CookieJar::new(&HttpOptions { cookies, ..HttpOptions::default() });
        assert_eq!(
            jar.refresh("t", 1),
            "refresh_token=t; Domain=example.org; Max-Age=1; Path=/; SameSite=strict"
        );
    }

    #[test]
    fn the_csrf_cookie_is_for_scripts_and_new_every_time() {
        let jar = CookieJar::new(&HttpOptions::default());
        let (one, two) = (jar.csrf(5), jar.csrf(5));
        assert_ne!(one, two);
        let one = one.to_str().expect("text");
        let value = one.strip_prefix("csrf_token=").and_then(|rest| rest.split_once(';')).expect("a value").0;
        assert_eq!(value.len(), 43);
        assert!(!one.contains("HttpOnly"), "{one}");
    }

    #[test]
    fn clearing_keeps_the_attributes() {
        let [access, _, csrf] = CookieJar::new(&HttpOptions::default()).cleared();
        assert_eq!(
            access,
            "access_token=\"\"; HttpOnly; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=lax; Secure"
        );
        assert!(csrf.to_str().expect("text").starts_with("csrf_token=\"\"; Expires="));
    }
}
