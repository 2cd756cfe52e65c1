//! What a handler is given.

use std::sync::Arc;

use axum::RequestPartsExt as _;
use axum::extract::Path;
use axum::http::{HeaderMap, header, request::Parts};
use hookgate_core::hooks::RequestContext;

use crate::error::ApiError;
use crate::extract::{Document, FieldError, Invalid};
use crate::middleware::Arrival;
use crate::state::App;

/// The longest `User-Agent` that is kept, in bytes: it is stored with the session and handed to
/// plugins, and its length is the client's choice.
const USER_AGENT_LIMIT: usize = 512;

/// The value of a path's parameter where the router found none, because the path is in the table as it is.
#[derive(Clone, Copy)]
pub(crate) struct FixedParameter(pub(crate) &'static str);

/// A request that passed the checks of its route.
pub(crate) struct Call<A> {
    pub(crate) app: Arc<App>,
    pub(crate) parts: Parts,
    /// The body, if the route reads it.
    pub(crate) document: Document,
    /// What is known of the caller.
    pub(crate) access: A,
    pub(crate) arrival: Arrival,
}

impl<A> Call<A> {
    /// What services, and through them plugins, may know of the request.
    pub(crate) fn context(&self) -> RequestContext {
        RequestContext {
            id: self.arrival.id.as_str().to_owned(),
            time_ms: self.app.services.clock().now_ms(),
            ip: self.arrival.client.map(|ip| ip.to_string()),
            user_agent: user_agent(&self.parts.headers),
        }
    }

    /// A parameter of the query, which must be there. Of several of that name the last counts.
    pub(crate) fn query(&self, name: &'static str) -> Result<String, ApiError> {
        let mut values = self.query_all(name);
        values.pop().ok_or_else(|| Invalid::one(FieldError::missing_query(name)).into())
    }

    /// Two parameters of the query, which must be there. An error names all that are not.
    pub(crate) fn query_pair(&self, names: [&'static str; 2]) -> Result<[String; 2], ApiError> {
        match names.map(|name| self.query_all(name).pop()) {
            [Some(one), Some(two)] => Ok([one, two]),
            found => {
                let missing = names.into_iter().zip(found).filter(|(_, value)| value.is_none());
                Err(Invalid::all(missing.map(|(name, _)| FieldError::missing_query(name))).into())
            }
        }
    }

    /// Every value of a parameter of the query.
    pub(crate) fn query_all(&self, name: &str) -> Vec<String> {
        let query = self.parts.uri.query().unwrap_or_default().as_bytes();
        form_urlencoded::parse(query)
            .filter(|(found, _)| found == name)
            .map(|(_, value)| value.into_owned())
            .collect()
    }

    /// The one parameter of the path.
    pub(crate) async fn path_parameter(&mut self) -> Result<String, ApiError> {
        if let Some(FixedParameter(value)) = self.parts.extensions.get() {
            return Ok((*value).to_owned());
        }
        match self.parts.extract::<Path<String>>().await {
            Ok(Path(parameter)) => Ok(parameter),
            // What is not UTF-8 names nothing here.
            Err(_) => Err(ApiError::NotFound),
        }
    }
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::USER_AGENT)?.as_bytes();
    let mut text = String::from_utf8_lossy(value).into_owned();
    text.truncate(text.floor_char_boundary(USER_AGENT_LIMIT));
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(value: &[u8]) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, HeaderValue::from_bytes(value).expect("a header value"));
        user_agent(&headers)
    }

    #[test]
    fn a_user_agent_is_text_of_bounded_length() {
        assert_eq!(read(b"curl/8.5").as_deref(), Some("curl/8.5"));
        assert_eq!(read(b""), None);
        assert_eq!(user_agent(&HeaderMap::new()), None);
        assert_eq!(read(b"a\xffb").as_deref(), Some("a\u{fffd}b"));
        assert_eq!(read(&[b'x'; 600]).map(|text| text.len()), Some(512));
        assert_eq!(read("ä".repeat(300).as_bytes()).map(|text| text.len()), Some(512));
        assert_eq!(read(("x".to_owned() + &"ä".repeat(300)).as_bytes()).map(|text| text.len()), Some(511));
    }
}
