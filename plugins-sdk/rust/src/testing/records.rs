//! What a test says of the outside world, and what it hears of the plugin.

use serde::Serialize;

use crate::http;
use crate::log::Level;
use crate::request::TokenKind;

/// What is known of a request; see [`request`](crate::request) for the meaning of each field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the functions of the same names have them")]
pub struct Request {
    pub id: String,
    pub time: u64,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub provider: Option<String>,
    pub is_new: bool,
    pub token_kind: Option<TokenKind>,
    pub event_id: Option<String>,
    pub attempt: u32,
}

/// A sign-in with a password from 192.0.2.1 at the start of 2026, without a user agent.
impl Default for Request {
    fn default() -> Self {
        Self {
            id: "request-1".into(),
            time: 1_767_225_600_000,
            ip: Some("192.0.2.1".into()),
            user_agent: None,
            provider: Some("credentials".into()),
            is_new: false,
            token_kind: None,
            event_id: None,
            attempt: 0,
        }
    }
}

/// One line that the plugin wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: Level,
    /// The text.
    pub message: String,
    /// The structured context, in order.
    pub fields: Vec<(String, String)>,
}

impl LogLine {
    /// The value of a field.
    pub fn field(&self, key: &str) -> Option<&str> {
        self.fields.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// An answer of the other side, or that there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply(Result<http::Response, http::Error>);

impl Reply {
    /// An answer without a body.
    pub fn status(status: u16) -> Self {
        Self(Ok(http::Response { status, headers: Vec::new(), body: Vec::new() }))
    }

    /// A body of text.
    pub fn text(status: u16, body: &str) -> Self {
        Self(Ok(http::Response { status, headers: Vec::new(), body: body.into() }))
    }

    /// A body of JSON.
    ///
    /// # Panics
    /// If it is no JSON.
    pub fn json<T: Serialize + ?Sized>(status: u16, body: &T) -> Self {
        let body = serde_json::to_vec(body).unwrap_or_else(|error| panic!("no JSON: {error}"));
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self(Ok(http::Response { status, headers, body }))
    }

    /// No answer, for this reason.
    pub fn failure(error: http::Error) -> Self {
        Self(Err(error))
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Ok(response) = &mut self.0 {
            response.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        self
    }

    pub(crate) fn into_answer(self) -> Result<http::Response, http::Error> {
        self.0
    }
}

/// A request that the plugin sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentRequest {
    /// `GET`, `POST`.
    pub method: String,
    /// Where to.
    pub url: String,
    /// In order. Where the server would put a secret there is its name in braces: `Bearer {API_KEY}`.
    pub headers: Vec<(String, String)>,
    /// Empty if there is none.
    pub body: Vec<u8>,
}

impl SentRequest {
    /// The first header of this name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON: {error}"))
    }
}
