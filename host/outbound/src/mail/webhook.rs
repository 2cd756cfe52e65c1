//! Mails by HTTP: FastAuth's payload to a service that sends them.

use std::time::Duration;

use async_trait::async_trait;
use hookgate_core::adapters::{EmailMessage, EmailTransport, TransportError};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::json;

use super::settings::{MailSetupError, WebhookSettings};
use super::{permanent, transient};
use crate::chain;
use crate::https::connector;

/// FastAuth's, for the whole exchange.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Posts mails to a service. Redirects are not followed: they would take the key along.
pub struct WebhookTransport {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: Uri,
    headers: HeaderMap,
}

impl WebhookTransport {
    /// Posts to the service of these settings.
    ///
    /// # Errors
    /// Its address or a header can't work, or this machine has no certificates to check it with.
    pub fn new(settings: WebhookSettings) -> Result<Self, MailSetupError> {
        let url: Uri = settings.url.parse().map_err(|_| MailSetupError::WebhookUrl)?;
        let is_encrypted = match url.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(MailSetupError::WebhookUrl),
        };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in settings.headers {
            let parsed = (HeaderName::try_from(&name), HeaderValue::try_from(value));
            let (Ok(parsed_name), Ok(mut value)) = parsed else {
                return Err(MailSetupError::WebhookHeader(name));
            };
            value.set_sensitive(true);
            headers.insert(parsed_name, value);
        }
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_timer(TokioTimer::new())
            .build(connector(is_encrypted).map_err(MailSetupError::Tls)?);
        Ok(Self { client, url, headers })
    }
}

#[async_trait]
impl EmailTransport for WebhookTransport {
    async fn send(&self, message: &EmailMessage) -> Result<(), TransportError> {
        let EmailMessage { to, subject, body_html, body_text } = message;
        let mut payload = json!({ "to": to, "subject": subject, "body_html": body_html });
        if let Some(text) = body_text {
            payload["body_text"] = json!(text);
        }
        let mut request = Request::new(Full::from(payload.to_string()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.url.clone();
        *request.headers_mut() = self.headers.clone();
        let status = match tokio::time::timeout(TIMEOUT, self.client.request(request)).await {
            Ok(Ok(response)) => response.status(),
            Ok(Err(error)) => return Err(transient(format!("the mail service: {}", chain(&error)))),
            Err(_) => return Err(transient("the mail service did not answer in time")),
        };
        judge(status)
    }
}

fn judge(status: StatusCode) -> Result<(), TransportError> {
    let reason = || format!("the mail service answered {status}");
    match status {
        status if status.is_success() => Ok(()),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            Err(transient(reason()))
        }
        status if status.is_client_error() => Err(permanent(reason())),
        _ => Err(transient(reason())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str, name: &str, value: &str) -> WebhookSettings {
        WebhookSettings { url: url.to_owned(), headers: vec![(name.to_owned(), value.to_owned())] }
    }

    #[test]
    fn statuses_say_whether_to_try_again() {
        let judged =
            |status| judge(StatusCode::from_u16(status).expect("a status")).err().map(|e| e.is_transient);
        assert_eq!([200, 202, 204].map(judged), [None; 3]);
        assert_eq!([302, 408, 425, 429, 500, 503].map(judged), [Some(true); 6]);
        assert_eq!([400, 401, 404, 422].map(judged), [Some(false); 4]);
    }

    #[tokio::test]
    async fn what_can_not_work_is_said_without_the_key() {
        let refused = |settings| WebhookTransport::new(settings).err().expect("refused").to_string();
        assert_eq!(
            refused(settings("ftp://x/s3cret", "a", "b")),
            "the address of the mail service is not an http:// or https:// URL"
        );
        assert!(refused(settings("mail.example/s3cret", "a", "b")).contains("not an http"));
        let message = refused(settings("http://x/", "a b", "s3cret"));
        assert!(message.contains("`a b`") && !message.contains("s3cret"), "{message}");
        let message = refused(settings("http://x/", "key", "s3cret\n"));
        assert!(message.contains("`key`") && !message.contains("s3cret"), "{message}");
        assert!(WebhookTransport::new(settings("https://x/", "a", "b")).is_ok());
    }

    #[tokio::test]
    async fn a_service_that_is_not_there_may_come_back() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/s3cret", listener.local_addr().expect("an address"));
        drop(listener);
        let transport = WebhookTransport::new(settings(&url, "a", "b")).expect("good");
        let message = EmailMessage {
            to: "ada@example.com".to_owned(),
            subject: "x".to_owned(),
            body_html: "x".to_owned(),
            body_text: None,
        };
        let error = transport.send(&message).await.expect_err("refused");
        assert!(error.is_transient && !error.reason.contains("s3cret"), "{error}");
    }
}
