//! Why a request got no answer.

/// Why a request got no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The host has no address that may be reached.
    #[error("{0}")]
    Denied(String),
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The answer is larger than allowed.
    #[error("the answer is larger than allowed")]
    TooLarge,
    /// DNS, TCP, TLS, or the peer broke off.
    #[error("{0}")]
    Connection(String),
}

/// The host has no address that may be reached. Travels through the client as the cause of an error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct AddressDenied(pub(super) String);

impl SendError {
    /// What an error of the client means.
    pub(super) fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut texts = Vec::new();
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(AddressDenied(reason)) = error.downcast_ref() {
                return Self::Denied(reason.clone());
            }
            texts.push(error.to_string());
            cause = error.source();
        }
        texts.dedup();
        Self::Connection(texts.join(": "))
    }
}
