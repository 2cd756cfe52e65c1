//! Credential public keys: COSE keys (RFC 9052 section 7) of the algorithms that are offered.

use ciborium::Value;
use ed25519_dalek::Verifier as _;
use rsa::traits::PublicKeyParts as _;

use super::CeremonyError;

/// An algorithm that is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256, for old TPMs.
    Rs256,
}

impl Algorithm {
    /// All of them, the most wanted first.
    pub(super) const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// The COSE identifier.
    pub(super) const fn id(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }
}

/// Labels of a COSE key.
mod label {
    pub(super) const KIND: i64 = 1;
    pub(super) const ALGORITHM: i64 = 3;
    /// Of elliptic curves.
    pub(super) const CURVE: i64 = -1;
    pub(super) const X: i64 = -2;
    pub(super) const Y: i64 = -3;
    /// Of RSA.
    pub(super) const MODULUS: i64 = -1;
    pub(super) const EXPONENT: i64 = -2;
}

const KIND_OKP: i64 = 1;
const KIND_EC2: i64 = 2;
const KIND_RSA: i64 = 3;
const CURVE_P256: i64 = 1;
const CURVE_ED25519: i64 = 6;
/// The smallest RSA key, in bytes. The largest is what the cipher takes: 4096 bits.
const MODULUS_MIN: usize = 256;

/// A key that signatures can be checked with.
#[derive(Clone, Debug)]
pub(super) enum PublicKey {
    Es256(p256::ecdsa::VerifyingKey),
    EdDsa(ed25519_dalek::VerifyingKey),
    Rs256(rsa::pkcs1v15::VerifyingKey<rsa::sha2::Sha256>),
}

impl PublicKey {
    /// Reads a COSE key.
    pub(super) fn from_cose(bytes: &[u8]) -> Result<Self, CeremonyError> {
        let mut rest = bytes;
        let value = ciborium::from_reader(&mut rest).map_err(|_| CeremonyError::PublicKey)?;
        let key = CoseKey::of(value).filter(|_| rest.is_empty()).ok_or(CeremonyError::PublicKey)?;
        let algorithm = key.number(label::ALGORITHM).ok_or(CeremonyError::PublicKey)?;
        let algorithm = Algorithm::ALL.into_iter().find(|known| known.id() == algorithm);
        let read = match algorithm.ok_or(CeremonyError::Algorithm)? {
            Algorithm::Es256 => key.es256(),
            Algorithm::EdDsa => key.ed_dsa(),
            Algorithm::Rs256 => key.rs256(),
        };
        read.ok_or(CeremonyError::PublicKey)
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Es256(_) => Algorithm::Es256,
            Self::EdDsa(_) => Algorithm::EdDsa,
            Self::Rs256(_) => Algorithm::Rs256,
        }
    }

    /// Whether a signature, in the form that WebAuthn gives it, is of this key.
    pub(super) fn is_signature(&self, message: &[u8], signature: &[u8]) -> bool {
        let checked = match self {
            Self::Es256(key) => p256::ecdsa::Signature::from_der(signature)
                .and_then(|signature| key.verify(message, &signature)),
            Self::EdDsa(key) => ed25519_dalek::Signature::from_slice(signature)
                .and_then(|signature| key.verify_strict(message, &signature)),
            Self::Rs256(key) => rsa::pkcs1v15::Signature::try_from(signature)
                .and_then(|signature| key.verify(message, &signature)),
        };
        checked.is_ok()
    }
}

/// Whether a COSE key is one that passkeys may have here.
///
/// # Errors
/// [`CeremonyError::PublicKey`], [`CeremonyError::Algorithm`].
pub fn check_public_key(cose: &[u8]) -> Result<(), CeremonyError> {
    PublicKey::from_cose(cose).map(drop)
}

/// The members of a COSE key. Only the numbered ones concern us.
struct CoseKey(Vec<(i64, Value)>);

impl CoseKey {
    /// None if it is no map, or has a member twice.
    fn of(value: Value) -> Option<Self> {
        let mut members: Vec<(i64, Value)> = Vec::new();
        for (label, value) in value.into_map().ok()? {
            let Some(label) = label.as_integer().and_then(|label| i64::try_from(label).ok()) else {
                continue;
            };
            if members.iter().any(|(known, _)| *known == label) {
                return None;
            }
            members.push((label, value));
        }
        Some(Self(members))
    }

    fn get(&self, label: i64) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == label).map(|(_, value)| value)
    }

    fn number(&self, label: i64) -> Option<i64> {
        self.get(label)?.as_integer()?.try_into().ok()
    }

    fn bytes(&self, label: i64) -> Option<&[u8]> {
        self.get(label)?.as_bytes().map(Vec::as_slice)
    }

    fn is(&self, kind: i64, curve: Option<i64>) -> bool {
        self.number(label::KIND) == Some(kind)
            && curve.is_none_or(|curve| self.number(label::CURVE) == Some(curve))
    }

    fn es256(&self) -> Option<PublicKey> {
        if !self.is(KIND_EC2, Some(CURVE_P256)) {
            return None;
        }
        let x: &[u8; 32] = self.bytes(label::X)?.try_into().ok()?;
        let y: &[u8; 32] = self.bytes(label::Y)?.try_into().ok()?;
        let point = p256::EncodedPoint::from_affine_coordinates(x.into(), y.into(), false);
        p256::ecdsa::VerifyingKey::from_encoded_point(&point).ok().map(PublicKey::Es256)
    }

    fn ed_dsa(&self) -> Option<PublicKey> {
        if !self.is(KIND_OKP, Some(CURVE_ED25519)) {
            return None;
        }
        let x: &[u8; 32] = self.bytes(label::X)?.try_into().ok()?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(x).ok()?;
        (!key.is_weak()).then_some(PublicKey::EdDsa(key))
    }

    fn rs256(&self) -> Option<PublicKey> {
        if !self.is(KIND_RSA, None) {
            return None;
        }
        let number = |label| self.bytes(label).map(rsa::BigUint::from_bytes_be);
        let key = rsa::RsaPublicKey::new(number(label::MODULUS)?, number(label::EXPONENT)?).ok()?;
        (key.size() >= MODULUS_MIN).then(|| PublicKey::Rs256(rsa::pkcs1v15::VerifyingKey::new(key)))
    }
}
