//! The body of a request, as JSON that nobody has looked into yet.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::LengthLimitError;
use serde_json::Value;

use super::json_error;
use super::{FieldError, Fields, Invalid};
use crate::error::ApiError;

/// A body that never became JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// Not UTF-8, or JSON beyond what is supported: very deep, numbers without end, half characters.
    #[error("the body can't be parsed")]
    Unreadable,
    /// More bytes than are read.
    #[error("the body is too large")]
    TooLarge,
    /// The client took too long.
    #[error("the body did not arrive in time")]
    TooSlow,
}

/// What a route reads of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Nothing.
    Nothing,
    /// JSON.
    Json,
    /// JSON, or nothing if it is none.
    JsonOrNothing,
}

impl Reading {
    /// What counts of what was read. A body that is too large or too slow is refused by all.
    pub(crate) fn judge(self, read: Result<Document, ApiError>) -> Result<Document, ApiError> {
        match (self, read) {
            (
                Self::JsonOrNothing,
                Ok(Document::Foreign) | Err(ApiError::Invalid(_) | ApiError::Body(BodyError::Unreadable)),
            ) => Ok(Document::Absent),
            (_, read) => read,
        }
    }
}

/// What the body held.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum Document {
    /// Nothing, or the route does not read it.
    #[default]
    Absent,
    /// JSON.
    Json(Value),
    /// Something that does not claim to be JSON.
    Foreign,
}

impl Document {
    /// Reads a body.
    pub(crate) async fn read(
        headers: &HeaderMap,
        body: Body,
        limit_bytes: usize,
        timeout: Duration,
    ) -> Result<Self, ApiError> {
        let read = axum::body::to_bytes(body, limit_bytes);
        let bytes = match tokio::time::timeout(timeout, read).await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(error)) => return Err(read_error(&error).into()),
            Err(_) => return Err(BodyError::TooSlow.into()),
        };
        Self::parse(headers, &bytes)
    }

    fn parse(headers: &HeaderMap, bytes: &Bytes) -> Result<Self, ApiError> {
        if bytes.is_empty() {
            return Ok(Self::Absent);
        }
        if !claims_json(headers) {
            return Ok(Self::Foreign);
        }
        let text = str::from_utf8(bytes).map_err(|_| BodyError::Unreadable)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match serde_json::from_str(text) {
            Ok(value) => Ok(Self::Json(value)),
            Err(_) => Err(match json_error::find(text) {
                Some(error) => Invalid::one(FieldError::json(error)).into(),
                None => BodyError::Unreadable.into(),
            }),
        }
    }

    /// The fields of a body that must be an object.
    pub(crate) fn fields(self) -> Result<Fields, Invalid> {
        self.optional_fields()?.ok_or_else(|| Invalid::one(FieldError::missing_body()))
    }

    /// The fields of a body that may be absent or `null`, but must be an object otherwise.
    pub(crate) fn optional_fields(self) -> Result<Option<Fields>, Invalid> {
        match self {
            Self::Absent | Self::Json(Value::Null) => Ok(None),
            Self::Json(Value::Object(object)) => Ok(Some(Fields::new(object))),
            Self::Json(_) | Self::Foreign => Err(Invalid::one(FieldError::not_an_object())),
        }
    }
}

fn read_error(error: &axum::Error) -> BodyError {
    let is_limit = std::error::Error::source(error).is_some_and(|source| source.is::<LengthLimitError>());
    if is_limit { BodyError::TooLarge } else { BodyError::Unreadable }
}

/// Whether the body is meant as JSON: `application/json`, `application/…+json`, or nothing said.
fn claims_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).filter(|value| !value.is_empty()) else {
        return true;
    };
    let essence = value.as_bytes().split(|&b| b == b';').next().unwrap_or_default().trim_ascii();
    let essence = essence.to_ascii_lowercase();
    let Some(subtype) = essence.strip_prefix(b"application/") else { return false };
    subtype == b"json" || (subtype.ends_with(b"+json") && !subtype.contains(&b'/'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parsed(content_type: Option<&str>, bytes: &[u8]) -> Result<Document, ApiError> {
        let mut headers = HeaderMap::new();
        if let Some(content_type) = content_type {
            headers.insert(header::CONTENT_TYPE, content_type.parse().expect("a header value"));
        }
        Document::parse(&headers, &Bytes::copy_from_slice(bytes))
    }

    #[test]
    fn the_content_type_must_be_json_or_absent() {
        for good in [
            None,
            Some(""),
            Some("application/json"),
            Some("Application/JSON; charset=utf-8"),
            Some("application/problem+json"),
        ] {
            assert_eq!(parsed(good, b"{}").expect("read"), Document::Json(json!({})), "{good:?}");
        }
        for bad in
            ["text/plain", "json", "application/jsonx", "application/x-www-form-urlencoded", "a/b/json"]
        {
            assert_eq!(parsed(Some(bad), b"{}").expect("read"), Document::Foreign, "{bad}");
        }
    }

    #[test]
    fn what_can_not_be_read_is_said_so() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        for unreadable in [&b"\xff\xfe"[..], b"\"\xc3\"", br#""\ud800""#, b"1e400", b"NaN", deep.as_bytes()] {
            let error = parsed(None, unreadable).expect_err("refused");
            assert!(matches!(error, ApiError::Body(BodyError::Unreadable)), "{error:?}");
        }
        for invalid in [&b"{"[..], b"{\"a\":}", b"\0", b"nul", b"1 2"] {
            let error = parsed(None, invalid).expect_err("refused");
            assert!(matches!(error, ApiError::Invalid(_)), "{error:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert_eq!(parsed(None, "\u{feff}[1]".as_bytes()).expect("read"), Document::Json(json!([1])));
    }

    #[test]
    fn of_a_doubled_key_the_last_counts() {
        let document = parsed(None, br#"{"a":1,"a":2}"#).expect("read");
        assert_eq!(document, Document::Json(json!({"a": 2})));
    }

    #[tokio::test]
    async fn a_large_body_is_refused() {
        let read = |size: usize| {
            let body = Body::from("1".repeat(size));
            async move { Document::read(&HeaderMap::new(), body, 10, Duration::from_secs(1)).await }
        };
        assert!(read(10).await.is_ok());
        let error = read(11).await.expect_err("refused");
        assert!(matches!(error, ApiError::Body(BodyError::TooLarge)), "{error:?}");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = parsed(None, &bytes);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}:,\"\\\\u0-9a-f.eE+ -]{0,40}") {
            let _ = parsed(None, text.as_bytes());
        }
    }
}
