//! Posts traces to a collector that the operator chose (OTLP over HTTP).

use std::time::Duration;

use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::chain;
use crate::https::connector;

/// For the whole exchange.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Of an answer's body, which is nearly always empty.
const ANSWER_LIMIT: usize = 64 << 10;

/// Why a collector did not take what was posted. Nothing of what was sent is in it, the headers included.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct PostError {
    /// For the log.
    pub reason: String,
    /// Whether the same may be taken later.
    pub is_transient: bool,
}

/// Posts to one collector. Redirects are not followed: they would take the headers along.
#[derive(Debug)]
pub struct CollectorClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: Uri,
    headers: HeaderMap,
}

impl CollectorClient {
    /// A client that posts protobuf to this address, and says these headers too. Nothing is connected to.
    ///
    /// # Errors
    /// This machine has no certificates to check the collector with; the text says why.
    pub fn new(url: Uri, mut headers: HeaderMap) -> Result<Self, String> {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        let name = concat!("hookgate/", env!("CARGO_PKG_VERSION"));
        headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(name));
        let connector = connector(url.scheme_str() == Some("https"))?;
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(Self { client, url, headers })
    }

    /// Posts a message and gives what the collector answered to it.
    ///
    /// # Errors
    /// See [`PostError`].
    pub async fn post(&self, message: Bytes) -> Result<Bytes, PostError> {
        let mut request = Request::new(Full::new(message));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.url.clone();
        *request.headers_mut() = self.headers.clone();
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| transient(chain(&error)))?;
            judge(response.status())?;
            let body = Limited::new(response.into_body(), ANSWER_LIMIT).collect().await;
            Ok(body.map_err(|error| transient(chain(&*error)))?.to_bytes())
        };
        let late = |_| Err(transient("it did not answer in time".to_owned()));
        tokio::time::timeout(TIMEOUT, exchange).await.unwrap_or_else(late)
    }
}

fn transient(reason: String) -> PostError {
    PostError { reason, is_transient: true }
}

fn judge(status: StatusCode) -> Result<(), PostError> {
    if status.is_success() {
        return Ok(());
    }
    // The list of the protocol's specification.
    let is_transient = matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    );
    Err(PostError { reason: format!("it answered {status}"), is_transient })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_say_whether_to_try_again() {
        let judged =
            |status| judge(StatusCode::from_u16(status).expect("a status")).err().map(|e| e.is_transient);
        assert_eq!([200, 202, 204].map(judged), [None; 3]);
        assert_eq!([429, 502, 503, 504].map(judged), [Some(true); 4]);
        assert_eq!([302, 400, 401, 404, 413, 500].map(judged), [Some(false); 6]);
    }

    #[tokio::test]
    async fn a_collector_that_is_not_there_may_come_back_and_the_reason_names_no_header() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/v1/traces", listener.local_addr().expect("an address"));
        drop(listener);
        let headers = HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_static("s3cret"))]);
        let client = CollectorClient::new(url.parse().expect("a URL"), headers).expect("good");
        let error = client.post(Bytes::new()).await.expect_err("refused");
        assert!(error.is_transient && !error.reason.contains("s3cret"), "{error}");
    }
}
