//! FastAuth's `EmailTransport`.

use async_trait::async_trait;

use crate::letter::Letter;
use serde::{Deserialize, Serialize};

/// One mail, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailMessage {
    /// The recipient's address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The HTML part.
    pub body_html: String,
    /// The text part.
    pub body_text: Option<String>,
}

/// A mail could not be handed over. The text holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct TransportError {
    /// What the transport said.
    pub reason: String,
    /// Whether another try may succeed.
    pub is_transient: bool,
}

/// Hands mails over for delivery.
#[async_trait]
pub trait EmailTransport: Send + Sync {
    /// Hands one mail over. Called off the request path, and again later if it fails.
    ///
    /// # Errors
    /// The mail was not taken.
    async fn send(&self, message: &EmailMessage) -> Result<(), TransportError>;
}

/// Writes letters out and hands them to a transport.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends one letter.
    ///
    /// # Errors
    /// It was not taken.
    async fn send(&self, letter: &Letter) -> Result<(), TransportError>;
}

/// A server without mail: letters are dropped, as FastAuth drops them without a transport.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMailer;

#[async_trait]
impl Mailer for NoMailer {
    async fn send(&self, _: &Letter) -> Result<(), TransportError> {
        Ok(())
    }
}
