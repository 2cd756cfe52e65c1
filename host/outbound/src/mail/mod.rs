//! Mail: letters are written out by [`Templates`] and handed over by one of four transports.

mod console;
mod file;
mod settings;
mod smtp;
mod templates;
mod webhook;

use std::sync::Arc;

use async_trait::async_trait;
use hookgate_core::adapters::{EmailTransport, Mailer, TransportError};
use hookgate_core::letter::Letter;

pub use console::ConsoleTransport;
pub use file::FileTransport;
pub use settings::{MailSettings, MailSetupError, SmtpSettings, SmtpTls, TransportSettings, WebhookSettings};
pub use smtp::SmtpTransport;
pub use templates::Templates;
pub use webhook::WebhookTransport;

/// The mailer of these settings. Nothing is connected to before there is a letter to send.
///
/// # Errors
/// A setting that can't work.
pub fn mailer(settings: MailSettings) -> Result<Arc<dyn Mailer>, MailSetupError> {
    let templates = Templates::load(settings.template_dir.as_deref())?;
    let transport: Box<dyn EmailTransport> = match settings.transport {
        TransportSettings::Console => Box::new(ConsoleTransport),
        TransportSettings::File(folder) => Box::new(FileTransport::new(folder)),
        TransportSettings::Webhook(webhook) => Box::new(WebhookTransport::new(webhook)?),
        TransportSettings::Smtp(smtp) => Box::new(SmtpTransport::new(smtp)?),
    };
    Ok(Arc::new(TemplateMailer { templates, transport }))
}

/// Templates in front of a transport.
struct TemplateMailer {
    templates: Templates,
    transport: Box<dyn EmailTransport>,
}

#[async_trait]
impl Mailer for TemplateMailer {
    async fn send(&self, letter: &Letter) -> Result<(), TransportError> {
        self.transport.send(&self.templates.write(letter)?).await
    }
}

/// The mail may be taken at another try.
fn transient(reason: impl Into<String>) -> TransportError {
    TransportError { reason: reason.into(), is_transient: true }
}

/// The mail will never be taken.
fn permanent(reason: impl Into<String>) -> TransportError {
    TransportError { reason: reason.into(), is_transient: false }
}
