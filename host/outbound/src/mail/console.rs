//! Mails on standard output, for trying things out.

use std::io::Write as _;

use async_trait::async_trait;
use hookgate_core::adapters::{EmailMessage, EmailTransport, TransportError};

use super::transient;

/// Prints mails, links included.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConsoleTransport;

#[async_trait]
impl EmailTransport for ConsoleTransport {
    async fn send(&self, message: &EmailMessage) -> Result<(), TransportError> {
        let EmailMessage { to, subject, body_html, body_text } = message;
        let body = body_text.as_ref().unwrap_or(body_html).trim_end();
        let text = format!("---- mail ----\nTo: {to}\nSubject: {subject}\n\n{body}\n---- end of mail ----\n");
        // Whoever reads standard output may be slow.
        let printed = tokio::task::spawn_blocking(move || {
            let mut out = std::io::stdout().lock();
            out.write_all(text.as_bytes()).and_then(|()| out.flush())
        });
        match printed.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(transient(format!("standard output: {error}"))),
            Err(error) => Err(transient(error.to_string())),
        }
    }
}
