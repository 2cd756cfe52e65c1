//! The form of an entry: a word, a MAC over everything, the payload.
//!
//! The MAC is BLAKE3's keyed mode: the machine code of an interpreter has tens of megabytes, and HMAC-SHA256 over them took
//! as long as everything else at a start.

use blake3::{Hash, Hasher};

use super::EntryKey;

const WORD: &[u8; 16] = b"hookgate cache 2";
const MAC: usize = 32;
/// What stands before the payload.
pub(super) const HEADER: usize = WORD.len() + MAC;

/// What to write before a payload.
pub(super) fn header(secret: &[u8; 32], key: &EntryKey, payload: &[u8]) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..WORD.len()].copy_from_slice(WORD);
    header[WORD.len()..].copy_from_slice(over(secret, key, payload).finalize().as_bytes());
    header
}

/// Finds out piece by piece whether a payload is the one that was written under a key.
pub(super) struct Verifier(Hasher);

impl Verifier {
    pub(super) fn new(secret: &[u8; 32], key: &EntryKey) -> Self {
        Self(over(secret, key, &[]))
    }

    pub(super) fn see(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Whether what was seen is what belongs to this header.
    pub(super) fn accepts(self, header: &[u8; HEADER]) -> bool {
        // Hashes are compared in constant time.
        let mac = Hash::from_slice(&header[WORD.len()..]);
        header.starts_with(WORD) && mac.is_ok_and(|mac| mac == self.0.finalize())
    }
}

/// The key of a cache, from the server's secret.
pub(super) fn key(secret: &[u8]) -> [u8; 32] {
    blake3::derive_key("hookgate: the key of the plugin cache", secret)
}

/// The MAC of an entry: of what it is for as well as of what it is.
fn over(secret: &[u8; 32], key: &EntryKey, payload: &[u8]) -> Hasher {
    let mut mac = Hasher::new_keyed(secret);
    mac.update(WORD);
    mac.update(key.kind.ending().as_bytes());
    mac.update(&[0]);
    mac.update(key.digest.as_bytes());
    mac.update(&key.maker);
    mac.update(payload);
    mac
}
