//! HTTP requests to the hosts that the operator allowed: `hosts` under `[http]` in the plugin's manifest.
//! Needs the grant `http`.
//!
//! ```
//! # use hookgate_plugin::{json, testing};
//! # let answer = testing::Reply::json(200, &json!({ "tier": "pro" }));
//! # let _host = testing::Host::new().with_reply("GET", "https://billing.example.com/tiers/7", answer)
//! #     .with_secret("API_KEY", "x");
//! use hookgate_plugin::http;
//!
//! #[derive(serde::Deserialize)]
//! struct Account {
//!     tier: String,
//! }
//!
//! let account: Account = http::get("https://billing.example.com/tiers/7")
//!     .bearer_secret("API_KEY")
//!     .send()?
//!     .error_for_status()?
//!     .json()?;
//! # assert_eq!(account.tier, "pro");
//! # Ok::<_, hookgate_plugin::Error>(())
//! ```
//!
//! The call waits for the answer, and the wait counts as its time: it has a second, or
//! `time_ms` under `[limits]`. A redirect is answered, not followed.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Result, host};

/// A `GET` request.
pub fn get(url: impl Into<String>) -> Request {
    request("GET", url)
}

/// A `POST` request.
pub fn post(url: impl Into<String>) -> Request {
    request("POST", url)
}

/// A request with another method.
pub fn request(method: impl Into<String>, url: impl Into<String>) -> Request {
    Request {
        method: method.into(),
        url: url.into(),
        headers: Vec::new(),
        secret_headers: Vec::new(),
        body: None,
        timeout_ms: None,
        problem: None,
    }
}

/// A request that is not sent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "nothing is sent before `send`"]
pub struct Request {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) secret_headers: Vec<SecretHeader>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) timeout_ms: Option<u32>,
    /// What went wrong while it was put together.
    problem: Option<String>,
}

/// `name: prefix + secret`, where the server puts in the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretHeader {
    pub(crate) name: String,
    pub(crate) prefix: String,
    pub(crate) secret: String,
}

impl Request {
    /// Adds a header. `Host`, `Content-Length` and those of the connection are the server's to set.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// `Authorization: Bearer` with a secret of the plugin's manifest. The plugin never sees it.
    pub fn bearer_secret(self, secret: impl Into<String>) -> Self {
        self.secret_header("authorization", "Bearer ", secret)
    }

    /// A header whose value is `prefix` and a secret of the plugin's manifest.
    pub fn secret_header(
        mut self,
        name: impl Into<String>,
        prefix: impl Into<String>,
        secret: impl Into<String>,
    ) -> Self {
        let (name, prefix, secret) = (name.into(), prefix.into(), secret.into());
        self.secret_headers.push(SecretHeader { name, prefix, secret });
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sets the body to JSON, and `Content-Type` with it.
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self.header("content-type", "application/json").body(body),
            Err(error) => {
                self.problem = Some(format!("body: {error}"));
                self
            }
        }
    }

    /// How long to wait; never longer than what the call has left.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout_ms = Some(u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX));
        self
    }

    /// Sends it and waits for the whole answer, whatever its status.
    pub fn send(self) -> Result<Response, Error> {
        match self.problem {
            Some(problem) => Err(Error::Invalid(problem)),
            None => host::http_send(self),
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status is one of 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of this name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as a type of yours.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        match serde_json::from_slice(&self.body) {
            Ok(value) => Ok(value),
            Err(error) => Err(format!("http: the answer ({}) does not fit: {error}", self.status).into()),
        }
    }

    /// Itself, or an error if the status is not one of success.
    pub fn error_for_status(self) -> Result<Self> {
        if self.is_success() { Ok(self) } else { Err(format!("http: the answer is {}", self.status).into()) }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The request makes no sense: which part.
    Invalid(String),
    /// Host, method, address or secret is not granted: which.
    Denied(String),
    /// No answer in time.
    Timeout,
    /// Request or answer is larger than allowed.
    TooLarge,
    /// DNS, TCP, TLS, or the peer broke off.
    Connection(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(reason) => write!(f, "http: not a request: {reason}"),
            Self::Denied(reason) => write!(f, "http: denied: {reason}"),
            Self::Timeout => f.write_str("http: no answer in time"),
            Self::TooLarge => f.write_str("http: request or answer is larger than allowed"),
            Self::Connection(reason) => write!(f, "http: {reason}"),
        }
    }
}

impl std::error::Error for Error {}
