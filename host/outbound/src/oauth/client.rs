//! Asking providers by HTTP, with care: they are somebody else's machines.

use std::time::Duration;

use hookgate_core::JsonObject;
use hookgate_core::oauth::{ExchangeStep, ProviderError};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;

use crate::chain;
use crate::https::connector;

/// FastAuth's, for one exchange from the first byte to the last.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer that is read. Sets of keys are the largest honest ones: some ten kilobytes.
const BODY_LIMIT: usize = 256 * 1024;
/// The most characters of a provider's own words that are passed on.
const REASON_LIMIT: usize = 200;

/// Asks. Redirects are not followed: they would take secrets along.
pub(super) struct HttpClient(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// What came back.
pub(super) struct Reply {
    host: String,
    status: StatusCode,
    body: Bytes,
}

impl HttpClient {
    pub(super) fn new(is_encrypted: bool) -> Result<Self, String> {
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_timer(TokioTimer::new())
            .build(connector(is_encrypted)?);
        Ok(Self(client))
    }

    /// `GET`, with an access token if there is one.
    pub(super) async fn get(&self, url: &str, token: Option<&str>) -> Result<Reply, ProviderError> {
        self.send(Method::GET, url, token.map(|token| format!("Bearer {token}")), Bytes::new()).await
    }

    /// `POST` of a form.
    pub(super) async fn post(
        &self,
        url: &str,
        authorization: Option<String>,
        form: String,
    ) -> Result<Reply, ProviderError> {
        self.send(Method::POST, url, authorization, form.into()).await
    }

    async fn send(
        &self,
        method: Method,
        url: &str,
        authorization: Option<String>,
        body: Bytes,
    ) -> Result<Reply, ProviderError> {
        let url: Uri = url.parse().map_err(|_| unavailable(format!("`{url}` is not a URL")))?;
        let host = url.host().unwrap_or_default().to_owned();
        let mut request = Request::new(Full::new(body));
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        // GitHub refuses callers without a name.
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("hookgate/", env!("CARGO_PKG_VERSION"))));
        if method == Method::POST {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(CONTENT_TYPE, form);
        }
        if let Some(authorization) = authorization {
            let value = HeaderValue::try_from(authorization);
            let mut value = value.map_err(|_| unavailable(format!("{host}: a token that is no text")))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        *request.method_mut() = method;
        *request.uri_mut() = url;
        let exchange = tokio::time::timeout(TIMEOUT, self.exchange(request));
        match exchange.await {
            Ok(Ok((status, body))) => Ok(Reply { host, status, body }),
            Ok(Err(reason)) => Err(unavailable(format!("{host}: {reason}"))),
            Err(_) => Err(unavailable(format!("{host} did not answer in time"))),
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), String> {
        let response = self.0.request(request).await.map_err(|error| chain(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), BODY_LIMIT).collect().await;
        match body {
            Ok(body) => Ok((status, body.to_bytes())),
            Err(error) => Err(chain(&*error)),
        }
    }
}

impl Reply {
    /// The object that it holds, or what the provider had against the request.
    pub(super) fn object(&self, step: ExchangeStep) -> Result<JsonObject, ProviderError> {
        match self.accept(step)? {
            // GitHub says no with 200.
            Value::Object(object) if object.contains_key("error") => Err(self.refusal(step, &object)),
            Value::Object(object) => Ok(object),
            _ => Err(unavailable(format!("{}: the answer to the {step} is no JSON object", self.host))),
        }
    }

    /// The list that it holds, likewise.
    pub(super) fn list(&self, step: ExchangeStep) -> Result<Vec<Value>, ProviderError> {
        match self.accept(step)? {
            Value::Array(items) => Ok(items),
            _ => Err(unavailable(format!("{}: the answer to the {step} is no JSON list", self.host))),
        }
    }

    /// The public document that it holds.
    pub(super) fn document(&self) -> Result<JsonObject, ProviderError> {
        if !self.status.is_success() {
            return Err(unavailable(format!("{} answered {}", self.host, self.status)));
        }
        serde_json::from_slice(&self.body)
            .map_err(|_| unavailable(format!("{}: the document is no JSON object", self.host)))
    }

    fn accept(&self, step: ExchangeStep) -> Result<Value, ProviderError> {
        let body = serde_json::from_slice(&self.body);
        match (self.status, body) {
            (status, Ok(body)) if status.is_success() => Ok(body),
            (status, Ok(Value::Object(object))) if status.is_client_error() => {
                Err(self.refusal(step, &object))
            }
            (status, _) if status.is_client_error() => Err(self.refusal(step, &JsonObject::new())),
            (status, _) if status.is_success() => {
                Err(unavailable(format!("{}: the answer to the {step} is no JSON", self.host)))
            }
            (status, _) => Err(unavailable(format!("{}: the {step} was answered {status}", self.host))),
        }
    }

    /// The provider's words, or at least its status.
    fn refusal(&self, step: ExchangeStep, object: &JsonObject) -> ProviderError {
        let text = |name: &str| object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let words: Vec<_> = ["error", "error_description"].into_iter().filter_map(text).collect();
        let reason = match (words.is_empty(), text("message")) {
            (false, _) => words.join(": "),
            (true, Some(message)) => message.to_owned(),
            (true, None) => format!("HTTP {}", self.status.as_u16()),
        };
        ProviderError::Refused { step, reason: plain(&reason) }
    }
}

/// A provider's words without what could pass for something else in a log or on a page.
fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_ascii_graphic() && !"<>".contains(c) { c } else { ' ' };
    text.chars().take(REASON_LIMIT).map(shown).collect()
}

pub(super) fn unavailable(reason: impl Into<String>) -> ProviderError {
    ProviderError::Unavailable(reason.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_hangs_is_not_waited_for() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/keys", listener.local_addr().expect("an address"));
        let client = HttpClient::new(false).expect("needs no certificates");
        let error = client.get(&url, None).await.err().expect("no answer");
        assert_eq!(error, unavailable("127.0.0.1 did not answer in time"));
    }

    #[tokio::test]
    async fn what_is_no_address_or_no_token_is_said_without_it() {
        let client = HttpClient::new(false).expect("needs no certificates");
        let error = client.get("http://127.0.0.1:1/", Some("s3cret\n")).await.err().expect("refused");
        assert_eq!(error, unavailable("127.0.0.1: a token that is no text"));
        assert!(client.get("http://[", None).await.is_err());
    }

    fn reply(status: u16, body: &str) -> Reply {
        let status = StatusCode::from_u16(status).expect("a status");
        Reply { host: "id.example".to_owned(), status, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    fn refused(status: u16, body: &str) -> String {
        match reply(status, body).object(ExchangeStep::Token) {
            Err(ProviderError::Refused { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_refusal_is_told_in_the_providers_words() {
        assert_eq!(refused(400, r#"{"error":"invalid_grant"}"#), "invalid_grant");
        assert_eq!(
            refused(200, r#"{"error":"bad_code","error_description":"Expired."}"#),
            "bad_code: Expired."
        );
        assert_eq!(refused(401, r#"{"message":"Bad credentials"}"#), "Bad credentials");
        assert_eq!(refused(403, "<html>"), "HTTP 403");
        assert_eq!(refused(400, r#"{"error":"<b>\n\u0007ä"}"#), " b    ");
        assert_eq!(refused(400, &format!(r#"{{"error":"{}"}}"#, "x".repeat(999))).len(), REASON_LIMIT);
    }

    #[test]
    fn nonsense_is_no_refusal() {
        for (status, body) in [(500, r#"{"error":"x"}"#), (302, ""), (200, "<html>"), (200, "[]"), (503, "")]
        {
            let error = reply(status, body).object(ExchangeStep::UserInfo).expect_err("no object");
            assert!(matches!(error, ProviderError::Unavailable(_)), "{status} {body}: {error:?}");
        }
        assert!(reply(200, "{}").list(ExchangeStep::UserInfo).is_err());
        assert!(reply(404, "{}").document().is_err());
    }
}
