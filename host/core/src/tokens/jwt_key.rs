//! One key that signs or verifies tokens in compact form (RFC 7515), ready to be used.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, UnparsedPublicKey};
use serde_json::{Value, json};

use super::private_key::KeyPair;
use super::{Algorithm, KeyError, PrivateKey, PublicKey};
use crate::JsonObject;

/// A key with its one algorithm.
pub struct JwtKey {
    algorithm: Algorithm,
    /// None for a secret: FastAuth's tokens have none either, and there is only one.
    kid: Option<String>,
    /// The header as it stands in every token of this key, with its dot.
    encoded_header: String,
    material: Material,
    /// None for a secret.
    jwk: Option<Value>,
}

enum Material {
    Secret(hmac::Key),
    Pair {
        signing: KeyPair,
        verifying: UnparsedPublicKey<Vec<u8>>,
    },
    /// Verifies only.
    Public(UnparsedPublicKey<Vec<u8>>),
}

impl JwtKey {
    /// An HMAC key: the secret's bytes as they are, as in FastAuth.
    ///
    /// # Errors
    /// The secret is shorter than the hash, or the algorithm is not HMAC.
    pub fn secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        let hash = match algorithm {
            Algorithm::Hs256 => hmac::HMAC_SHA256,
            Algorithm::Hs384 => hmac::HMAC_SHA384,
            Algorithm::Hs512 => hmac::HMAC_SHA512,
            _ => return Err(KeyError::Refused(format!("{algorithm} needs a key pair, not a secret"))),
        };
        let least = algorithm.least_secret().unwrap_or_default();
        if secret.len() < least {
            return Err(KeyError::TooShort { algorithm, found: secret.len(), least });
        }
        let material = Material::Secret(hmac::Key::new(hash, secret));
        Ok(Self::new(algorithm, None, material, None))
    }

    /// A key pair.
    ///
    /// # Errors
    /// The key is damaged.
    pub fn pair(key: &PrivateKey) -> Result<Self, KeyError> {
        let public = key.public_key()?;
        let material = Material::Pair { signing: key.key_pair()?, verifying: public.verifier()? };
        Ok(Self::new(key.algorithm(), Some(public.kid()), material, Some(public.jwk())))
    }

    /// A key that verifies only: a predecessor whose private half is gone.
    ///
    /// # Errors
    /// The algorithm has no public keys.
    pub fn public(key: &PublicKey) -> Result<Self, KeyError> {
        let material = Material::Public(key.verifier()?);
        Ok(Self::new(key.algorithm(), Some(key.kid()), material, Some(key.jwk())))
    }

    fn new(algorithm: Algorithm, kid: Option<String>, material: Material, jwk: Option<Value>) -> Self {
        let mut header = json!({"typ": "JWT", "alg": algorithm.as_str()});
        if let Some(kid) = &kid {
            header["kid"] = kid.as_str().into();
        }
        let encoded_header = format!("{}.", URL_SAFE_NO_PAD.encode(header.to_string()));
        Self { algorithm, kid, encoded_header, material, jwk }
    }

    /// What it is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its name in headers; none for a secret.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// What the world may know of it; nothing of a secret.
    #[must_use]
    pub const fn jwk(&self) -> Option<&Value> {
        self.jwk.as_ref()
    }

    /// Whether it can sign.
    #[must_use]
    pub const fn can_sign(&self) -> bool {
        !matches!(self.material, Material::Public(_))
    }

    /// The compact form of signed claims.
    ///
    /// # Errors
    /// It verifies only, or the key fails.
    pub fn sign(&self, claims: &JsonObject) -> Result<String, KeyError> {
        let json = serde_json::to_vec(claims).map_err(|_| KeyError::Signing)?;
        let mut token = String::with_capacity(self.encoded_header.len() + json.len() * 4 / 3 + 360);
        token.push_str(&self.encoded_header);
        URL_SAFE_NO_PAD.encode_string(&json, &mut token);
        let signature = self.sign_bytes(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(&signature, &mut token);
        Ok(token)
    }

    fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let failed = |_| KeyError::Signing;
        match &self.material {
            Material::Secret(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
            Material::Pair { signing, .. } => match signing {
                KeyPair::Rsa(pair) => {
                    let scheme = match self.algorithm {
                        Algorithm::Rs512 => &RSA_PKCS1_SHA512,
                        _ => &RSA_PKCS1_SHA256,
                    };
                    let mut signature = vec![0; pair.public().modulus_len()];
                    pair.sign(scheme, &SystemRandom::new(), message, &mut signature).map_err(failed)?;
                    Ok(signature)
                }
                KeyPair::P256(pair) => {
                    Ok(pair.sign(&SystemRandom::new(), message).map_err(failed)?.as_ref().to_vec())
                }
                KeyPair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            },
            Material::Public(_) => Err(KeyError::Signing),
        }
    }

    /// What follows the header, if the header is this key's to the letter: nearly every token's is,
    /// and it needs no parsing.
    pub(super) fn strip_header<'a>(&self, token: &'a str) -> Option<&'a str> {
        token.strip_prefix(&self.encoded_header)
    }

    /// The claims of a token, if this key signed it. `rest` is what follows the header and its dot.
    pub(super) fn verify(&self, token: &str, rest: &str) -> Option<JsonObject> {
        let (claims, signature) = rest.split_once('.')?;
        let signed = token.as_bytes().get(..token.len() - signature.len() - 1)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        match &self.material {
            // In constant time.
            Material::Secret(key) => hmac::verify(key, signed, &signature),
            Material::Pair { verifying: key, .. } | Material::Public(key) => key.verify(signed, &signature),
        }
        .ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

impl std::fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JwtKey").field("alg", &self.algorithm).field("kid", &self.kid).finish_non_exhaustive()
    }
}
