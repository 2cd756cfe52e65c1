//! `cors_origins`: origins as browsers send them, or they would never match.

use http::HeaderValue;

use super::error::ConfigError;
use super::values::Values;

/// The origins whose scripts may call.
pub(super) fn cors_origins(values: &Values) -> Result<Vec<HeaderValue>, ConfigError> {
    values.list("cors_origins").into_iter().map(|text| origin(&text)).collect()
}

fn origin(text: &str) -> Result<HeaderValue, ConfigError> {
    let invalid = |why: &str| ConfigError::Invalid(format!("`cors_origins`: `{text}` {why}"));
    if text != "*" && text != "null" {
        let (scheme, host) = text
            .split_once("://")
            .filter(|(scheme, host)| !scheme.is_empty() && !host.is_empty())
            .ok_or_else(|| invalid("is not an origin, such as https://app.example.com"))?;
        if host.contains(['/', '?', '#', '@']) {
            return Err(invalid("must end with the host, or its port: an origin has no path"));
        }
        if text.chars().any(|c| c.is_ascii_uppercase() || c.is_whitespace()) {
            return Err(invalid("must be in lower case and without blanks, as browsers send it"));
        }
        let usual_port = match scheme {
            "https" => ":443",
            "http" => ":80",
            _ => return text.parse().map_err(|_| invalid("is not an origin")),
        };
        if host.ends_with(usual_port) {
            return Err(invalid(&format!("must be without `{usual_port}`, which browsers leave out")));
        }
    }
    text.parse().map_err(|_| invalid("is not an origin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_send_is_taken_and_what_they_never_send_refused() {
        for good in [
            "*",
            "null",
            "https://app.example.com",
            "http://localhost:3000",
            "http://[::1]:8080",
            "https://example.com:8443",
            "capacitor://localhost",
        ] {
            assert_eq!(origin(good).map_err(|error| error.to_string()), Ok(HeaderValue::from_static(good)));
        }
        for (bad, part) in [
            ("", "not an origin"),
            ("localhost:3000", "not an origin"),
            ("https://", "not an origin"),
            ("://x", "not an origin"),
            ("https://app.example.com/", "no path"),
            ("https://app.example.com/login", "no path"),
            ("https://ada@example.com", "no path"),
            ("https://App.example.com", "lower case"),
            ("https://a b", "blanks"),
            ("https://example.com:443", ":443"),
            ("http://example.com:80", ":80"),
            ("https://a\u{7f}", "not an origin"),
        ] {
            let message = origin(bad).map_err(|error| error.to_string()).expect_err(bad);
            assert!(message.contains(part) && message.contains(&format!("`{bad}`")), "{message}");
        }
    }
}
