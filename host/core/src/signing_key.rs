//! Signing keys that the server makes for itself, as they are stored.

use crate::clock::Timestamp;
use crate::tokens::Algorithm;

/// A stored key pair. Its life: published, so that verifiers may learn of it; from `signs_from` on
/// signing, until a later key does; kept until the last token that it may have signed has expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// The name in the headers of its tokens.
    pub kid: String,
    /// What it is for.
    pub algorithm: Algorithm,
    /// The private key, sealed with the server's secret (see [`Sealer`](crate::tokens::Sealer)). Whoever
    /// can write the database but does not know the secret can't plant a key.
    pub sealed: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The first second in which it signs.
    pub signs_from: Timestamp,
    /// The longest life, in seconds, that a token of its may have.
    pub longest_ttl: i64,
}
