//! The name of a request, in the log, the answer and the hooks.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use hookgate_core::ids::generate_id;

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that a proxy may give.
const GIVEN_LIMIT: usize = 64;

/// Visible ASCII. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    /// Stands in for an id that could not be written.
    pub(crate) const UNKNOWN: Self = Self(HeaderValue::from_static("-"));

    /// The id that a proxy gave, if it is a sane one. Whether the proxy may is for the caller to know.
    pub(crate) fn given(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(X_REQUEST_ID)?;
        let is_sane = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
        let bytes = value.as_bytes();
        (!bytes.is_empty() && bytes.len() <= GIVEN_LIMIT && bytes.iter().all(is_sane))
            .then(|| Self(value.clone()))
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(crate) const fn as_header(&self) -> &HeaderValue {
        &self.0
    }
}

/// Makes ids: something random per process, and a count. Unique, sortable, and no random number is
/// drawn per request.
pub(crate) struct RequestIds {
    process: String,
    count: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new() -> Self {
        let mut process = generate_id();
        process.truncate(10);
        Self { process, count: AtomicU64::new(0) }
    }

    pub(crate) fn next(&self) -> RequestId {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let id = format!("{}-{count:08x}", self.process);
        HeaderValue::try_from(id).map_or(RequestId::UNKNOWN, RequestId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_short() {
        let (ids, others) = (RequestIds::new(), RequestIds::new());
        let (one, two, other) = (ids.next(), ids.next(), others.next());
        assert!(one != two && one != other);
        assert_eq!(one.as_str().len(), 19);
        assert!(one.as_str() < two.as_str());
    }

    #[test]
    fn a_given_id_must_be_sane() {
        let given = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(X_REQUEST_ID, text.parse().expect("a header value"));
            RequestId::given(&headers).map(|id| id.as_str().to_owned())
        };
        assert_eq!(given("0af7651916cd43dd-8448:1").as_deref(), Some("0af7651916cd43dd-8448:1"));
        for bad in ["", "a b", "a\"b", "a{b", "ä", &"x".repeat(65)] {
            assert_eq!(given(bad), None, "{bad}");
        }
        assert_eq!(RequestId::given(&HeaderMap::new()), None);
    }
}
