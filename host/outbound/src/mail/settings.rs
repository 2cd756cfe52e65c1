//! What the operator can choose about mail. Reading these from a file is the server's business.

use std::fmt;
use std::path::PathBuf;

use http::Uri;

/// All of it.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// A folder whose templates take the place of the built-in ones of the same name.
    pub template_dir: Option<PathBuf>,
    /// How mails leave.
    pub transport: TransportSettings,
}

/// How mails leave.
#[derive(Clone, Debug)]
pub enum TransportSettings {
    /// They are printed.
    Console,
    /// They are written into this folder, one file each.
    File(PathBuf),
    /// They are posted to a service.
    Webhook(WebhookSettings),
    /// They are handed to a mail server.
    Smtp(SmtpSettings),
}

impl TransportSettings {
    /// The name in the configuration.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::File(_) => "file",
            Self::Webhook(_) => "webhook",
            Self::Smtp(_) => "smtp",
        }
    }
}

/// A service that takes mails by HTTP.
#[derive(Clone)]
pub struct WebhookSettings {
    /// Where to post them.
    pub url: String,
    /// Names and values to send along, an API key for example.
    pub headers: Vec<(String, String)>,
}

impl fmt::Debug for WebhookSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Path, query and header values are where services want their keys.
        let host = self.url.parse::<Uri>().ok().and_then(|url| url.host().map(str::to_owned));
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("WebhookSettings").field("host", &host).field("headers", &names).finish()
    }
}

/// How a connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SmtpTls {
    /// From the first byte.
    #[default]
    Implicit,
    /// After asking for it; a server that does not offer it gets no mail.
    StartTls,
    /// Not at all. For a server on the same machine.
    None,
}

impl SmtpTls {
    /// The usual port.
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Implicit => 465,
            Self::StartTls => 587,
            Self::None => 25,
        }
    }
}

/// A mail server.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port; the usual one if none.
    pub port: Option<u16>,
    /// The encryption.
    pub tls: SmtpTls,
    /// User and password, if it wants them.
    pub credentials: Option<(String, String)>,
    /// The sender: `no-reply@example.com` or `Example <no-reply@example.com>`.
    pub from: String,
}

impl fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.credentials.as_ref().map(|(user, _)| user);
        f.debug_struct("SmtpSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("user", &user)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// A setting that can't work. Each is one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum MailSetupError {
    /// The folder can't be read.
    #[error("the folder of mail templates {}: {source}", path.display())]
    TemplateFolder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A template can't be read or does not work.
    #[error("mail template {}{}: {reason}", path.display(), line.map(|line| format!(" line {line}")).unwrap_or_default())]
    Template {
        /// The file; the bare name of a built-in one.
        path: PathBuf,
        /// Where.
        line: Option<usize>,
        /// What is wrong.
        reason: String,
    },
    /// The address of the service is none. It is not shown: it may hold a key.
    #[error("the address of the mail service is not an http:// or https:// URL")]
    WebhookUrl,
    /// A header can't be sent. Its value is not shown: it may be a key.
    #[error(
        "the header `{0}` can't be sent to the mail service: its name or value has characters that headers can't have"
    )]
    WebhookHeader(String),
    /// The sender is no address.
    #[error("the sender `{0}` is not an email address")]
    From(String),
    /// The machine's certificates can't be used.
    #[error("TLS for mail: {0}")]
    Tls(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debugging_shows_no_secret() {
        let webhook = WebhookSettings {
            url: "https://mail.example/hooks/s3cret?key=s3cret".to_owned(),
            headers: vec![("X-Key".to_owned(), "s3cret".to_owned())],
        };
        let smtp = SmtpSettings {
            host: "mail.example".to_owned(),
            port: None,
            tls: SmtpTls::Implicit,
            credentials: Some(("ada".to_owned(), "s3cret".to_owned())),
            from: "a@mail.example".to_owned(),
        };
        let shown = format!(
            "{:?} {:?}",
            MailSettings { template_dir: None, transport: TransportSettings::Webhook(webhook) },
            TransportSettings::Smtp(smtp)
        );
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(
            shown.contains("mail.example") && shown.contains("X-Key") && shown.contains("ada"),
            "{shown}"
        );
    }
}
