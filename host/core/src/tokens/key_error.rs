//! Why a key can't be used.

use super::Algorithm;

/// Each is half a sentence, after the name of the setting or the row that the key comes from. None of
/// them quotes the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// RFC 7518 section 3.2: a secret is at least as long as the hash.
    #[error("the secret has {found} bytes; {algorithm} needs at least {least}")]
    TooShort {
        /// What the secret is for.
        algorithm: Algorithm,
        /// How many bytes it has.
        found: usize,
        /// How many it should have.
        least: usize,
    },
    /// Not a key of that kind.
    #[error("no {what} in PEM: {reason}")]
    Malformed {
        /// What was expected.
        what: &'static str,
        /// What the parser says.
        reason: String,
    },
    /// A key, but one that nobody should use.
    #[error("the key is refused: {0}")]
    Refused(String),
    /// `HS…` signs with the secret.
    #[error("{0} signs with the secret and has no key pair")]
    Symmetric(Algorithm),
    /// A public key that is not the private key's.
    #[error("the public key does not belong to the private key")]
    Mismatch,
    /// The key failed while it was used.
    #[error("signing failed")]
    Signing,
}
