//! Mails to a mail server.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use hookgate_core::adapters::{EmailMessage, EmailTransport, TransportError};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message};
use tokio::sync::Mutex;

use super::settings::{MailSetupError, SmtpSettings, SmtpTls};
use super::{permanent, transient};

/// For a connection, its greeting, encryption and authentication.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// For handing one mail over. Servers that scan mails take their time before they say yes.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);
/// For asking whether a connection is still there.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);
/// How many connections are kept for the next mails …
const KEPT: usize = 4;
/// … and for how long. Many servers end idle ones after a minute.
const KEPT_FOR: Duration = Duration::from_secs(45);

/// Hands mails to a mail server.
///
/// It keeps its own few connections rather than use lettre's pool: that one takes a connection back in the
/// middle of a conversation when sending is given up, and the next mail would read the answer to this one.
pub struct SmtpTransport {
    host: String,
    port: u16,
    tls: SmtpTls,
    parameters: Option<TlsParameters>,
    credentials: Option<Credentials>,
    from: Mailbox,
    kept: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl SmtpTransport {
    /// Hands over to the server of these settings.
    ///
    /// # Errors
    /// The sender is no address, or this machine has no certificates to check the server with.
    pub fn new(settings: SmtpSettings) -> Result<Self, MailSetupError> {
        let SmtpSettings { host, port, tls, credentials, from } = settings;
        let parameters = match tls {
            SmtpTls::None => None,
            SmtpTls::Implicit | SmtpTls::StartTls => {
                let parameters = TlsParameters::new(host.clone());
                Some(parameters.map_err(|error| MailSetupError::Tls(error.to_string()))?)
            }
        };
        Ok(Self {
            port: port.unwrap_or(tls.default_port()),
            tls,
            parameters,
            credentials: credentials.map(|(user, password)| Credentials::new(user, password)),
            from: from.parse().map_err(|_| MailSetupError::From(from))?,
            kept: Mutex::new(Vec::new()),
            host,
        })
    }

    /// A connection that was kept and still works, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, TransportError> {
        loop {
            let kept = self.kept.lock().await.pop();
            let Some((mut connection, since)) = kept else { break };
            if since.elapsed() < KEPT_FOR
                && tokio::time::timeout(PROBE_TIMEOUT, connection.test_connected()).await == Ok(true)
            {
                return Ok(connection);
            }
        }
        match tokio::time::timeout(CONNECT_TIMEOUT, self.connect()).await {
            Ok(Ok(connection)) => Ok(connection),
            // Also a refused password: that is the operator's to mend, and no reason to lose mails.
            Ok(Err(error)) => Err(transient(self.said(&error))),
            Err(_) => Err(transient(format!("{}:{} did not answer in time", self.host, self.port))),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let name = ClientId::default();
        let address = (self.host.as_str(), self.port);
        let wrapper = self.parameters.clone().filter(|_| self.tls == SmtpTls::Implicit);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT_TIMEOUT), &name, wrapper, None).await?;
        if let Some(parameters) = self.parameters.clone().filter(|_| self.tls == SmtpTls::StartTls) {
            connection.starttls(parameters, &name).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        Ok(connection)
    }

    fn message(&self, mail: &EmailMessage) -> Result<Message, String> {
        let to: Address = mail.to.parse().map_err(|error| format!("the recipient's address: {error}"))?;
        let builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&mail.subject)
            .message_id(None)
            .date_now();
        let html = SinglePart::html(mail.body_html.clone());
        match &mail.body_text {
            Some(text) => builder.multipart(
                MultiPart::alternative().singlepart(SinglePart::plain(text.clone())).singlepart(html),
            ),
            None => builder.singlepart(html),
        }
        .map_err(|error| error.to_string())
    }

    fn said(&self, error: &Error) -> String {
        format!("{}:{}: {error}", self.host, self.port)
    }
}

#[async_trait]
impl EmailTransport for SmtpTransport {
    async fn send(&self, mail: &EmailMessage) -> Result<(), TransportError> {
        let message = self.message(mail).map_err(permanent)?;
        let mut connection = self.connection().await?;
        let bytes = message.formatted();
        let sent = connection.send(message.envelope(), &bytes);
        match tokio::time::timeout(SEND_TIMEOUT, sent).await {
            Ok(Ok(_)) => {
                let mut kept = self.kept.lock().await;
                if kept.len() < KEPT && !connection.has_broken() {
                    kept.push((connection, Instant::now()));
                }
                Ok(())
            }
            Ok(Err(error)) if is_final(&error) => Err(permanent(self.said(&error))),
            Ok(Err(error)) => Err(transient(self.said(&error))),
            Err(_) => Err(transient(format!("{}:{} did not take the mail in time", self.host, self.port))),
        }
    }
}

/// Whether the server will never take this mail, as far as it says. Not so when it wants to be signed in
/// to, which is about the configuration and not about the mail.
fn is_final(error: &Error) -> bool {
    let code = error.status().map(|code| code.to_string());
    let wants_credentials = matches!(code.as_deref(), Some("530" | "535" | "538"));
    (error.is_permanent() && !wants_credentials) || error.is_client()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(from: &str) -> SmtpSettings {
        SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: None,
            tls: SmtpTls::None,
            credentials: None,
            from: from.to_owned(),
        }
    }

    fn mail(body_text: Option<&str>) -> EmailMessage {
        EmailMessage {
            to: "ada@example.com".to_owned(),
            subject: "Grüße".to_owned(),
            body_html: "<p>hello</p>".to_owned(),
            body_text: body_text.map(str::to_owned),
        }
    }

    #[test]
    fn senders_may_have_a_name_and_must_be_addresses() {
        for good in ["no-reply@example.com", "Example <no-reply@example.com>", "\"Ex, Inc.\" <a@b.example>"] {
            assert!(SmtpTransport::new(settings(good)).is_ok(), "{good}");
        }
        for bad in ["", "example.com", "Example", "a@b.example\r\nBcc: x@y.example"] {
            assert!(matches!(SmtpTransport::new(settings(bad)), Err(MailSetupError::From(_))), "{bad}");
        }
    }

    #[test]
    fn mails_have_both_parts_and_all_headers() {
        let transport = SmtpTransport::new(settings("Example <no-reply@example.com>")).expect("good");
        let message = transport.message(&mail(Some("hello"))).expect("a message");
        let text = String::from_utf8(message.formatted()).expect("text");
        for part in [
            "From: Example <no-reply@example.com>",
            "To: ada@example.com",
            "Subject: =?utf-8?b?",
            "Date: ",
            "Message-ID: ",
            "multipart/alternative",
            "text/plain",
            "text/html",
        ] {
            assert!(text.contains(part), "`{part}` in: {text}");
        }
        let message = transport.message(&mail(None)).expect("a message");
        assert!(!String::from_utf8(message.formatted()).expect("text").contains("multipart"));
    }

    #[test]
    fn a_recipient_that_is_none_is_final_and_adds_no_header() {
        let transport = SmtpTransport::new(settings("a@b.example")).expect("good");
        let mail = EmailMessage { to: "ada@example.com\r\nBcc: eve@example.com".to_owned(), ..mail(None) };
        assert!(transport.message(&mail).is_err());
    }

    #[test]
    fn the_usual_ports() {
        let port =
            |tls| SmtpTransport::new(SmtpSettings { tls, ..settings("a@b.example") }).expect("good").port;
        assert_eq!([SmtpTls::Implicit, SmtpTls::StartTls, SmtpTls::None].map(port), [465, 587, 25]);
    }
}
