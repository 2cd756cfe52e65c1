//! The form of an entry: a word, a MAC over everything, the payload.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::EntryKey;

const WORD: &[u8; 16] = b"hookgate cache 1";
const MAC: usize = 32;
/// What stands before the payload.
pub(super) const HEADER: usize = WORD.len() + MAC;

/// What to write before a payload.
pub(super) fn header(secret: &[u8; 32], key: &EntryKey, payload: &[u8]) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..WORD.len()].copy_from_slice(WORD);
    header[WORD.len()..].copy_from_slice(&over(secret, key, payload).finalize().into_bytes());
    header
}

/// Finds out piece by piece whether a payload is the one that was written under a key.
pub(super) struct Verifier(Hmac<Sha256>);

impl Verifier {
    pub(super) fn new(secret: &[u8; 32], key: &EntryKey) -> Self {
        Self(over(secret, key, &[]))
    }

    pub(super) fn see(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Whether what was seen is what belongs to this header.
    pub(super) fn accepts(self, header: &[u8; HEADER]) -> bool {
        header.starts_with(WORD) && self.0.verify_slice(&header[WORD.len()..]).is_ok()
    }
}

/// The key of a cache, from the server's secret.
pub(super) fn key(secret: &[u8]) -> [u8; 32] {
    let mut mac = keyed(&Sha256::digest(secret).into());
    mac.update(b"hookgate: the key of the plugin cache");
    mac.finalize().into_bytes().into()
}

/// HMAC fills a key up to its block with zeroes.
fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    Hmac::<Sha256>::new(&block.into())
}

/// The MAC of an entry: of what it is for as well as of what it is.
fn over(secret: &[u8; 32], key: &EntryKey, payload: &[u8]) -> Hmac<Sha256> {
    let mut mac = keyed(secret);
    mac.update(WORD);
    mac.update(key.kind.ending().as_bytes());
    mac.update(&[0]);
    mac.update(key.digest.as_bytes());
    mac.update(&key.maker);
    mac.update(payload);
    mac
}
