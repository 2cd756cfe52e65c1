//! What the plugin keeps, sends and uses in a test.

use serde::Serialize;

use super::Host;
use crate::host::{fake, fake_outside::Entry};
use crate::http;

impl Host {
    /// Puts a value into the plugin's store.
    pub fn with_kv(self, key: &str, value: impl Into<Vec<u8>>) -> Self {
        let entry = Entry { value: value.into(), ends: None };
        fake::with(|state| state.outside.kv.insert(key.to_owned(), entry));
        self
    }

    /// What the plugin's store holds now.
    pub fn kv(&self, key: &str) -> Option<Vec<u8>> {
        crate::kv::get(key).ok().flatten()
    }

    /// Answers requests of this method to this URL. What nobody answers is denied.
    pub fn with_reply(self, method: &str, url: &str, reply: Reply) -> Self {
        fake::with(|state| state.outside.replies.push((method.to_owned(), url.to_owned(), reply)));
        self
    }

    /// The requests that the plugin has sent so far.
    pub fn requests(&self) -> Vec<SentRequest> {
        fake::with(|state| state.outside.sent.clone())
    }

    /// Lends a secret to the plugin.
    pub fn with_secret(self, name: &str, value: &str) -> Self {
        fake::with(|state| state.outside.secrets.insert(name.to_owned(), value.to_owned()));
        self
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
