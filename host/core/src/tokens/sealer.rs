//! Encryption of what is stored only for a while but must not be read from a stolen database.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::keyed_digest::KeyedDigest;

/// Something can't be unsealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sealed with another secret, or damaged")]
pub struct SealError;

/// Seals values under a key that is derived from the server's secret.
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    digest: KeyedDigest,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

const NONCE_BYTES: usize = 24;

impl Sealer {
    /// A sealer whose key no other use of the secret has.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        let key = Sha256::new().chain_update(b"hookgate/seal/v1\0").chain_update(secret).finalize();
        let key: [u8; 32] = key.into();
        Self { cipher: XChaCha20Poly1305::new(&key.into()), digest: KeyedDigest::new(secret) }
    }

    /// Bytes that look random and are always the same for the same text, to whoever lacks the secret.
    /// `purpose` keeps those of different uses apart.
    #[must_use]
    pub fn pseudonym(&self, purpose: &str, text: &str) -> [u8; 32] {
        self.digest.of(purpose, text)
    }

    /// The sealed form of a value, as text.
    #[must_use]
    pub fn seal<T: Serialize>(&self, value: &T) -> String {
        let plain = serde_json::to_vec(value).unwrap_or_default();
        let nonce: [u8; NONCE_BYTES] = rand::random();
        // Encryption fails only for texts beyond 256 GiB.
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), plain.as_slice()).unwrap_or_default();
        URL_SAFE_NO_PAD.encode([&nonce[..], &sealed[..]].concat())
    }

    /// The value of a sealed text.
    ///
    /// # Errors
    /// It was sealed with another secret, or is damaged.
    pub fn open<T: DeserializeOwned>(&self, sealed: &str) -> Result<T, SealError> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| SealError)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES).ok_or(SealError)?;
        let nonce = <[u8; NONCE_BYTES]>::try_from(nonce).map_err(|_| SealError)?;
        let plain = self.cipher.decrypt(&XNonce::from(nonce), sealed).map_err(|_| SealError)?;
        serde_json::from_slice(&plain).map_err(|_| SealError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_are_by_secret_purpose_and_text() {
        let [one, two] = [b"one", b"two"].map(|secret| Sealer::new(secret));
        let all = [
            one.pseudonym("x", "ada"),
            one.pseudonym("x", "bob"),
            one.pseudonym("xa", "da"),
            two.pseudonym("x", "ada"),
        ];
        assert_eq!(all[0], Sealer::new(b"one").pseudonym("x", "ada"));
        for (index, digest) in all.iter().enumerate() {
            assert!(!all[index + 1..].contains(digest), "{index}");
        }
    }

    #[test]
    fn only_the_same_secret_opens() {
        let sealer = Sealer::new(b"one");
        let sealed = sealer.seal(&"https://example.com/?token=abc");
        assert!(!sealed.contains("token"));
        assert_eq!(sealer.open::<String>(&sealed).as_deref(), Ok("https://example.com/?token=abc"));
        assert_eq!(Sealer::new(b"two").open::<String>(&sealed), Err(SealError));
        let (rest, last) = sealed.split_at(sealed.len() - 1);
        let changed = format!("{rest}{}", if last == "A" { "Q" } else { "A" });
        for damaged in ["", "AAAA", &sealed[1..], &changed] {
            assert_eq!(sealer.open::<String>(damaged), Err(SealError), "{damaged}");
        }
    }
}
