//! `[telemetry]`: where traces go, under which name, and how many.

use hookgate_http::TraceTrust;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use super::error::ConfigError;
use super::values::Values;

/// Where a collector takes traces (OTLP over HTTP).
const PATH: &str = "/v1/traces";

/// The export of traces.
#[derive(Clone, Debug)]
pub(crate) struct TracesConfig {
    /// Where they are posted.
    pub(crate) url: Uri,
    /// What is sent along; marked as sensitive.
    pub(crate) headers: HeaderMap,
    pub(crate) service_name: String,
    /// How many of a hundred traces that begin here are kept.
    pub(crate) sample_percent: u8,
}

/// None where nothing is exported.
pub(super) fn traces(values: &Values) -> Result<Option<TracesConfig>, ConfigError> {
    let Some(endpoint) = values.text("telemetry.otlp_endpoint") else { return Ok(None) };
    Ok(Some(TracesConfig {
        url: url(&endpoint)?,
        headers: values.pairs("telemetry.headers")?.into_iter().map(header).collect::<Result<_, _>>()?,
        service_name: service_name(values)?,
        sample_percent: values.number("telemetry.sample_percent")?,
    }))
}

/// Whose `traceparent` is believed.
pub(super) fn trust(values: &Values) -> TraceTrust {
    match values.text("telemetry.traceparent_from").as_deref() {
        Some("everybody") => TraceTrust::Everybody,
        Some("nobody") => TraceTrust::Nobody,
        _ => TraceTrust::Proxies,
    }
}

/// No message shows the address, in which some people put a password.
fn url(endpoint: &str) -> Result<Uri, ConfigError> {
    let invalid = |why: &str| ConfigError::Invalid(format!("`telemetry.otlp_endpoint` {why}"));
    let no_url = || invalid("is not an http:// or https:// URL, such as http://localhost:4318");
    if endpoint.contains(['?', '#', '@']) {
        return Err(invalid(
            "must have no user, password or query: what the collector asks for goes into `telemetry.headers`",
        ));
    }
    let base = endpoint.trim_end_matches('/');
    let base = base.strip_suffix(PATH).unwrap_or(base);
    let url: Uri = format!("{base}{PATH}").parse().map_err(|_| no_url())?;
    let has_host = url.host().is_some_and(|host| !host.is_empty());
    match url.scheme_str() {
        Some("http" | "https") if has_host => Ok(url),
        _ => Err(no_url()),
    }
}

fn header((name, value): (String, String)) -> Result<(HeaderName, HeaderValue), ConfigError> {
    match (HeaderName::try_from(&name), HeaderValue::try_from(value)) {
        (Ok(name), Ok(mut value)) => {
            value.set_sensitive(true);
            Ok((name, value))
        }
        _ => Err(ConfigError::Invalid(format!(
            "`telemetry.headers`: `{name}` or its value can't be sent as a header"
        ))),
    }
}

fn service_name(values: &Values) -> Result<String, ConfigError> {
    let name = values.text("telemetry.service_name").unwrap_or_default();
    if name.trim().is_empty() || name.len() > 255 {
        return Err(ConfigError::Invalid("`telemetry.service_name` must have 1 to 255 bytes".to_owned()));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_added_once() {
        for (endpoint, expected) in [
            ("http://localhost:4318", "http://localhost:4318/v1/traces"),
            ("http://localhost:4318/", "http://localhost:4318/v1/traces"),
            ("https://otlp.example/prefix", "https://otlp.example/prefix/v1/traces"),
            ("https://otlp.example/v1/traces", "https://otlp.example/v1/traces"),
            ("http://[::1]:4318", "http://[::1]:4318/v1/traces"),
        ] {
            assert_eq!(url(endpoint).expect(endpoint).to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_collector_is_refused_without_showing_it() {
        for (endpoint, part) in [
            ("", "not an http"),
            ("localhost:4318", "not an http"),
            ("grpc://hunter2:4317", "not an http"),
            ("http://", "not an http"),
            ("http:///hunter2", "not an http"),
            ("http://hunter2 x", "not an http"),
            ("http://user:hunter2@otlp.example", "`telemetry.headers`"),
            ("http://otlp.example?key=hunter2", "`telemetry.headers`"),
        ] {
            let message = url(endpoint).map_err(|error| error.to_string()).expect_err(endpoint);
            assert!(message.contains("`telemetry.otlp_endpoint`") && message.contains(part), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn a_header_is_never_shown() {
        let of = |name: &str, value: &str| header((name.to_owned(), value.to_owned()));
        let shown = format!("{:?}", of("authorization", "Bearer hunter2").expect("good"));
        assert!(!shown.contains("hunter2"), "{shown}");
        for (name, value) in [("a b", "hunter2"), ("key", "hunter2\n")] {
            let message = of(name, value).expect_err("bad").to_string();
            assert!(message.contains(name) && !message.contains("hunter2"), "{message}");
        }
    }
}
