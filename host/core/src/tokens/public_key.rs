//! Public keys: what verifies a signature, and what the world is told of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use rsa::pkcs1::{DecodeRsaPublicKey as _, EncodeRsaPublicKey as _};
use rsa::pkcs8::{DecodePublicKey as _, Document};
use rsa::traits::PublicKeyParts as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Algorithm, KeyError};

/// The DER of an Ed25519 key up to its 32 bytes (RFC 8410 section 4).
const ED25519_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// What RSA keys are refused below. ring verifies up to 8192, and signs up to 4096.
pub(super) const LEAST_RSA_BITS: usize = 2048;

/// A public key with its one algorithm.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: Algorithm,
    /// RSA: PKCS #1. P-256: the uncompressed point. Ed25519: the 32 bytes.
    bytes: Vec<u8>,
}

impl PublicKey {
    /// A key in ring's form.
    pub(super) const fn new(algorithm: Algorithm, bytes: Vec<u8>) -> Self {
        Self { algorithm, bytes }
    }

    /// Reads `BEGIN PUBLIC KEY` (or `BEGIN RSA PUBLIC KEY`).
    ///
    /// # Errors
    /// It is not a public key of that algorithm, or a weak one.
    pub fn from_pem(algorithm: Algorithm, pem: &str) -> Result<Self, KeyError> {
        match algorithm {
            Algorithm::Rs256 | Algorithm::Rs512 => Self::rsa_from_pem(algorithm, pem),
            Algorithm::Es256 => {
                let key = p256::PublicKey::from_public_key_pem(pem)
                    .map_err(|error| malformed("P-256 public key", &error))?;
                Ok(Self::new(algorithm, key.to_encoded_point(false).as_bytes().to_vec()))
            }
            Algorithm::EdDsa => {
                let what = "Ed25519 public key";
                let (label, der) = Document::from_pem(pem).map_err(|error| malformed(what, &error))?;
                let bytes = der.as_bytes().strip_prefix(&ED25519_PREFIX).filter(|bytes| bytes.len() == 32);
                match bytes {
                    Some(bytes) if label == "PUBLIC KEY" => Ok(Self::new(algorithm, bytes.to_vec())),
                    _ => Err(malformed(what, &"another kind of key")),
                }
            }
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => Err(KeyError::Symmetric(algorithm)),
        }
    }

    fn rsa_from_pem(algorithm: Algorithm, pem: &str) -> Result<Self, KeyError> {
        let key = if pem.contains("BEGIN RSA PUBLIC KEY") {
            rsa::RsaPublicKey::from_pkcs1_pem(pem).map_err(|error| malformed("RSA public key", &error))?
        } else {
            rsa::RsaPublicKey::from_public_key_pem(pem)
                .map_err(|error| malformed("RSA public key", &error))?
        };
        if key.n().bits() < LEAST_RSA_BITS {
            return Err(too_few_bits(key.n().bits()));
        }
        let der = key.to_pkcs1_der().map_err(|error| malformed("RSA public key", &error))?;
        Ok(Self::new(algorithm, der.as_bytes().to_vec()))
    }

    /// What it is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What checks signatures.
    pub(super) fn verifier(&self) -> Result<UnparsedPublicKey<Vec<u8>>, KeyError> {
        let scheme: &'static dyn VerificationAlgorithm = match self.algorithm {
            Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            Algorithm::Es256 => &signature::ECDSA_P256_SHA256_FIXED,
            Algorithm::EdDsa => &signature::ED25519,
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => {
                return Err(KeyError::Symmetric(self.algorithm));
            }
        };
        Ok(UnparsedPublicKey::new(scheme, self.bytes.clone()))
    }

    /// The members of the JWK that make the key what it is, in the order of RFC 7638.
    fn essence(&self) -> Value {
        let base64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self.algorithm {
            Algorithm::Rs256 | Algorithm::Rs512 => {
                // Written by us, so it can be read; a key that could not would verify nothing.
                let (n, e) = rsa::RsaPublicKey::from_pkcs1_der(&self.bytes)
                    .map(|key| (key.n().to_bytes_be(), key.e().to_bytes_be()))
                    .unwrap_or_default();
                json!({"e": base64(&e), "kty": "RSA", "n": base64(&n)})
            }
            Algorithm::Es256 => {
                let (x, y) = self.bytes.get(1..).unwrap_or_default().split_at_checked(32).unwrap_or_default();
                json!({"crv": "P-256", "kty": "EC", "x": base64(x), "y": base64(y)})
            }
            Algorithm::EdDsa => json!({"crv": "Ed25519", "kty": "OKP", "x": base64(&self.bytes)}),
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => Value::Null,
        }
    }

    /// The thumbprint (RFC 7638): the same in every process and after every restart.
    #[must_use]
    pub fn kid(&self) -> String {
        // serde_json's objects are in the order of their keys, as the RFC wants it.
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.essence().to_string()))
    }

    /// The JWK (RFC 7517) for the key set.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let mut jwk = self.essence();
        jwk["kid"] = self.kid().into();
        jwk["use"] = "sig".into();
        jwk["alg"] = self.algorithm.as_str().into();
        jwk
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({} {})", self.algorithm, self.kid())
    }
}

pub(super) fn malformed(what: &'static str, reason: &impl ToString) -> KeyError {
    KeyError::Malformed { what, reason: reason.to_string() }
}

pub(super) fn too_few_bits(found: usize) -> KeyError {
    KeyError::Refused(format!("RSA keys have at least {LEAST_RSA_BITS} bits, this one has {found}"))
}
