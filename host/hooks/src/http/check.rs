//! What of a plugin's request is checked before anything is sent.

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request};
use url::Url;

use super::HttpGrant;
use crate::contract::bindings::host::hookgate::hooks::http::{self as wit, Error, SecretHeader};
use crate::plugin::secrets::Secrets;
use crate::text::one_line;

const MAX_URL: usize = 8 << 10;
const MAX_HEADERS: usize = 64;
const MAX_HEADER_BYTES: usize = 16 << 10;

/// Of the connection, not of the request (RFC 9110, section 7.6.1), or set from what is sent.
const NOT_THEIRS: [&str; 13] = [
    "host",
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// The request as it is sent, if the plugin may send it.
pub(crate) fn check(
    request: wit::Request,
    grant: &HttpGrant,
    secrets: &Secrets,
    max_body: usize,
) -> Result<Request<Bytes>, Error> {
    let method = method(&request.method, grant)?;
    let url = url(&request.url, grant)?;
    let headers = headers(&request.headers, &request.secret_headers, secrets, &url)?;
    let body = request.body.unwrap_or_default();
    if body.len() > max_body {
        return Err(Error::TooLarge);
    }
    let mut checked = Request::new(Bytes::from(body));
    *checked.method_mut() = method;
    *checked.uri_mut() = url.as_str().parse().map_err(|_| invalid("url", "it is no address"))?;
    *checked.headers_mut() = headers;
    Ok(checked)
}

fn invalid(part: &str, problem: impl std::fmt::Display) -> Error {
    Error::Invalid(one_line(&format!("{part}: {problem}"), 300))
}

fn denied(reason: impl AsRef<str>) -> Error {
    Error::Denied(one_line(reason.as_ref(), 300))
}

fn method(text: &str, grant: &HttpGrant) -> Result<Method, Error> {
    let method: Method = text.parse().map_err(|_| invalid("method", "it is none"))?;
    if grant.methods.contains(&method) {
        return Ok(method);
    }
    Err(denied(format!(
        "the method {method} is not granted: add it to `methods` under [http] in the manifest"
    )))
}

fn url(text: &str, grant: &HttpGrant) -> Result<Url, Error> {
    if text.len() > MAX_URL {
        return Err(invalid("url", format_args!("it is longer than {MAX_URL} bytes")));
    }
    let mut url = Url::parse(text).map_err(|error| invalid("url", error))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(invalid("url", "its scheme is neither https nor http"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("url", "user and password don't belong there; use a header"));
    }
    url.set_fragment(None);
    if grant.hosts.iter().any(|rule| rule.allows(&url)) {
        return Ok(url);
    }
    let origin = url.origin().ascii_serialization();
    Err(denied(if grant.hosts.is_empty() {
        format!("no host is granted: add `hosts = [\"{origin}\"]` under [http] in the manifest")
    } else {
        format!("the host {origin} is not granted: add it to `hosts` under [http] in the manifest")
    }))
}

fn headers(
    plain: &[(String, String)],
    secret: &[SecretHeader],
    secrets: &Secrets,
    url: &Url,
) -> Result<HeaderMap, Error> {
    if plain.len() + secret.len() > MAX_HEADERS {
        return Err(invalid("headers", format_args!("there are more than {MAX_HEADERS}")));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in plain {
        let value = HeaderValue::from_str(value)
            .map_err(|_| invalid("headers", format_args!("the value of `{name}` can't be one")))?;
        headers.append(header_name(name)?, value);
    }
    for SecretHeader { name, prefix, secret } in secret {
        let value = secrets
            .for_request(secret, url)
            .map_err(denied)?
            .header_value(prefix)
            .ok_or_else(|| invalid("secret-headers", format_args!("`{secret}` can't be in a header")))?;
        // Not added: a plain header of the same name would make two of it.
        headers.insert(header_name(name)?, value);
    }
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > MAX_HEADER_BYTES {
        return Err(invalid("headers", format_args!("they are larger than {MAX_HEADER_BYTES} bytes")));
    }
    Ok(headers)
}

fn header_name(name: &str) -> Result<HeaderName, Error> {
    let parsed: HeaderName =
        name.parse().map_err(|_| invalid("headers", format_args!("`{name}` can't be a name")))?;
    if NOT_THEIRS.contains(&parsed.as_str()) {
        return Err(invalid("headers", format_args!("`{parsed}` is the server's to set")));
    }
    Ok(parsed)
}

/// The answer as the plugin gets it.
pub(crate) fn answer(response: &http::Response<Bytes>) -> wit::Response {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    wit::Response {
        status: response.status().as_u16(),
        headers: response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?)))
            .collect(),
        body: response.body().to_vec(),
    }
}
