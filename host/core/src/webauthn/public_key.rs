//! Credential public keys: COSE keys (RFC 9052 section 7) of the algorithms that are offered.

use ciborium::Value;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
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
pub(super) struct PublicKey {
    algorithm: Algorithm,
    material: Material,
}

/// The numbers that a key is made of, as ring takes them.
#[derive(Clone, Debug)]
enum Material {
    /// A point: of P-256 uncompressed, of Ed25519 as it is.
    Point(Vec<u8>),
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
}

impl PublicKey {
    /// Reads a COSE key.
    pub(super) fn from_cose(bytes: &[u8]) -> Result<Self, CeremonyError> {
        let mut rest = bytes;
        let value = ciborium::from_reader(&mut rest).map_err(|_| CeremonyError::PublicKey)?;
        let key = CoseKey::of(value).filter(|_| rest.is_empty()).ok_or(CeremonyError::PublicKey)?;
        let algorithm = key.number(label::ALGORITHM).ok_or(CeremonyError::PublicKey)?;
        let algorithm = Algorithm::ALL.into_iter().find(|known| known.id() == algorithm);
        let algorithm = algorithm.ok_or(CeremonyError::Algorithm)?;
        let material = match algorithm {
            Algorithm::Es256 => key.es256(),
            Algorithm::EdDsa => key.ed_dsa(),
            Algorithm::Rs256 => key.rs256(),
        };
        Ok(Self { algorithm, material: material.ok_or(CeremonyError::PublicKey)? })
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether a signature, in the form that WebAuthn gives it, is of this key.
    pub(super) fn is_signature(&self, message: &[u8], signature: &[u8]) -> bool {
        let checked = match (&self.material, self.algorithm) {
            (Material::Rsa(key), _) => key.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signature),
            (Material::Point(point), Algorithm::EdDsa) => {
                UnparsedPublicKey::new(&signature::ED25519, point).verify(message, signature)
            }
            (Material::Point(point), _) => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
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

    fn es256(&self) -> Option<Material> {
        if !self.is(KIND_EC2, Some(CURVE_P256)) {
            return None;
        }
        let x: &[u8; 32] = self.bytes(label::X)?.try_into().ok()?;
        let y: &[u8; 32] = self.bytes(label::Y)?.try_into().ok()?;
        let point = p256::EncodedPoint::from_affine_coordinates(x.into(), y.into(), false);
        // It has to be on the curve.
        p256::PublicKey::from_sec1_bytes(point.as_bytes()).ok()?;
        Some(Material::Point(point.as_bytes().to_vec()))
    }

    fn ed_dsa(&self) -> Option<Material> {
        if !self.is(KIND_OKP, Some(CURVE_ED25519)) {
            return None;
        }
        let x: &[u8; 32] = self.bytes(label::X)?.try_into().ok()?;
        Some(Material::Point(x.to_vec()))
    }

    fn rs256(&self) -> Option<Material> {
        if !self.is(KIND_RSA, None) {
            return None;
        }
        let (n, e) = (self.bytes(label::MODULUS)?, self.bytes(label::EXPONENT)?);
        let key =
            rsa::RsaPublicKey::new(rsa::BigUint::from_bytes_be(n), rsa::BigUint::from_bytes_be(e)).ok()?;
        // Without the zeros that some put in front.
        let components = RsaPublicKeyComponents { n: key.n().to_bytes_be(), e: key.e().to_bytes_be() };
        (key.size() >= MODULUS_MIN).then_some(Material::Rsa(components))
    }
}
