//! Digests that nobody without the server's secret can compute.

use ring::hmac;
use sha2::{Digest as _, Sha256};

/// HMAC-SHA-256 under a key that is derived from the server's secret.
pub(super) struct KeyedDigest(hmac::Key);

impl KeyedDigest {
    pub(super) fn new(secret: &[u8]) -> Self {
        let key = Sha256::new().chain_update(b"hookgate/digest/v1\0").chain_update(secret).finalize();
        Self(hmac::Key::new(hmac::HMAC_SHA256, &key))
    }

    /// The digest of a text for one purpose.
    pub(super) fn of(&self, purpose: &str, text: &str) -> [u8; 32] {
        let mut mac = hmac::Context::with_key(&self.0);
        for part in [purpose, "\0", text] {
            mac.update(part.as_bytes());
        }
        let mut digest = [0; 32];
        // As long as SHA-256 makes them.
        digest.copy_from_slice(mac.sign().as_ref());
        digest
    }
}
