//! Private keys: made, read from PEM, kept sealed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use p256::pkcs8::EncodePrivateKey as _;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
};
use rsa::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _};
use rsa::pkcs8::{DecodePrivateKey as _, SecretDocument};
use rsa::traits::PublicKeyParts as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::public_key::{LEAST_RSA_BITS, PublicKey, malformed, too_few_bits};
use super::{Algorithm, KeyError};

const NEW_RSA_BITS: usize = LEAST_RSA_BITS;
/// ring signs with no more.
const MOST_RSA_BITS: usize = 4096;

/// A private key with its one algorithm.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey {
    algorithm: Algorithm,
    /// RSA: PKCS #1. P-256 and Ed25519: PKCS #8.
    der: Vec<u8>,
}

/// A key that is ready to sign.
pub(super) enum KeyPair {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl PrivateKey {
    /// A new key. An RSA key takes a good part of a second.
    ///
    /// # Errors
    /// The algorithm has no key pairs, or there is no randomness.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let random = SystemRandom::new();
        let refused = |error: &dyn std::fmt::Display| KeyError::Refused(error.to_string());
        let der = match algorithm {
            Algorithm::Rs256 | Algorithm::Rs512 => {
                let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, NEW_RSA_BITS)
                    .map_err(|error| refused(&error))?;
                key.to_pkcs1_der().map_err(|error| refused(&error))?.as_bytes().to_vec()
            }
            Algorithm::Es256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
                .map_err(|error| refused(&error))?
                .as_ref()
                .to_vec(),
            Algorithm::EdDsa => {
                Ed25519KeyPair::generate_pkcs8(&random).map_err(|error| refused(&error))?.as_ref().to_vec()
            }
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => {
                return Err(KeyError::Symmetric(algorithm));
            }
        };
        Ok(Self { algorithm, der })
    }

    /// Reads `BEGIN PRIVATE KEY` (PKCS #8), `BEGIN RSA PRIVATE KEY` or `BEGIN EC PRIVATE KEY`.
    ///
    /// # Errors
    /// It is not a private key of that algorithm, is encrypted, or a weak one.
    pub fn from_pem(algorithm: Algorithm, pem: &str) -> Result<Self, KeyError> {
        let key = match algorithm {
            Algorithm::Rs256 | Algorithm::Rs512 => Self { algorithm, der: rsa_from_pem(pem)? },
            Algorithm::Es256 => Self { algorithm, der: p256_from_pem(pem)? },
            Algorithm::EdDsa => {
                let what = "Ed25519 private key";
                let (label, der) = SecretDocument::from_pem(pem).map_err(|error| malformed(what, &error))?;
                if label != "PRIVATE KEY" {
                    return Err(malformed(what, &"another kind of key"));
                }
                Self { algorithm, der: der.as_bytes().to_vec() }
            }
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => {
                return Err(KeyError::Symmetric(algorithm));
            }
        };
        // What can't sign is found here, where the error can name the setting.
        key.key_pair()?;
        Ok(key)
    }

    /// What it is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its public half.
    ///
    /// # Errors
    /// The key is damaged.
    pub fn public_key(&self) -> Result<PublicKey, KeyError> {
        let bytes = match self.key_pair()? {
            KeyPair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
            KeyPair::P256(pair) => pair.public_key().as_ref().to_vec(),
            KeyPair::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        };
        Ok(PublicKey::new(self.algorithm, bytes))
    }

    /// What makes signatures.
    pub(super) fn key_pair(&self) -> Result<KeyPair, KeyError> {
        let refused = |error: ring::error::KeyRejected| KeyError::Refused(error.to_string());
        Ok(match self.algorithm {
            Algorithm::Rs256 | Algorithm::Rs512 => {
                KeyPair::Rsa(Box::new(RsaKeyPair::from_der(&self.der).map_err(refused)?))
            }
            Algorithm::Es256 => KeyPair::P256(Box::new(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.der, &SystemRandom::new())
                    .map_err(refused)?,
            )),
            Algorithm::EdDsa => KeyPair::Ed25519(Box::new(
                // OpenSSL leaves the public half out, which this allows.
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(&self.der).map_err(refused)?,
            )),
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => {
                return Err(KeyError::Symmetric(self.algorithm));
            }
        })
    }
}

fn rsa_from_pem(pem: &str) -> Result<Vec<u8>, KeyError> {
    let what = "RSA private key";
    let key = if pem.contains("BEGIN RSA PRIVATE KEY") {
        rsa::RsaPrivateKey::from_pkcs1_pem(pem).map_err(|error| malformed(what, &error))?
    } else {
        rsa::RsaPrivateKey::from_pkcs8_pem(pem).map_err(|error| malformed(what, &error))?
    };
    match key.n().bits() {
        bits if bits < LEAST_RSA_BITS => return Err(too_few_bits(bits)),
        bits if bits > MOST_RSA_BITS => {
            return Err(KeyError::Refused(format!(
                "RSA keys have at most {MOST_RSA_BITS} bits, this one has {bits}"
            )));
        }
        _ => {}
    }
    Ok(key.to_pkcs1_der().map_err(|error| malformed(what, &error))?.as_bytes().to_vec())
}

fn p256_from_pem(pem: &str) -> Result<Vec<u8>, KeyError> {
    let what = "P-256 private key";
    let key = if pem.contains("BEGIN EC PRIVATE KEY") {
        p256::SecretKey::from_sec1_pem(pem).map_err(|error| malformed(what, &error))?
    } else {
        p256::SecretKey::from_pkcs8_pem(pem).map_err(|error| malformed(what, &error))?
    };
    // ring wants the public half inside, which other tools may leave out.
    let der = key.to_pkcs8_der().map_err(|error| malformed(what, &error))?;
    debug_assert!(der.as_bytes().ends_with(key.public_key().to_encoded_point(false).as_bytes()));
    Ok(der.as_bytes().to_vec())
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivateKey({}, …)", self.algorithm)
    }
}

/// The form that is sealed.
#[derive(Serialize, Deserialize)]
struct Portable {
    alg: String,
    der: String,
}

impl Serialize for PrivateKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Portable { alg: self.algorithm.as_str().to_owned(), der: STANDARD.encode(&self.der) }
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PrivateKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Portable { alg, der } = Portable::deserialize(deserializer)?;
        let algorithm =
            Algorithm::from_name(&alg).ok_or_else(|| serde::de::Error::custom("unknown algorithm"))?;
        let der = STANDARD.decode(der).map_err(serde::de::Error::custom)?;
        Ok(Self { algorithm, der })
    }
}
