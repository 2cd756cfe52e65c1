//! Digests that nobody without the server's secret can compute.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// HMAC-SHA-256 under a key that is derived from the server's secret.
pub(super) struct KeyedDigest(Hmac<Sha256>);

impl KeyedDigest {
    pub(super) fn new(secret: &[u8]) -> Self {
        let key = Sha256::new().chain_update(b"hookgate/digest/v1\0").chain_update(secret).finalize();
        // As long as the digest's block, which is its native key.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&key);
        Self(Hmac::new(&block.into()))
    }

    /// The digest of a text for one purpose.
    pub(super) fn of(&self, purpose: &str, text: &str) -> [u8; 32] {
        let mac = self.0.clone().chain_update(purpose).chain_update([0]).chain_update(text);
        mac.finalize().into_bytes().into()
    }
}
