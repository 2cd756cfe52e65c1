//! Signs and verifies tokens.
//!
//! The algorithm belongs to the key, never to the token: what a token's header says is compared with
//! the key's algorithm and otherwise ignored (RFC 8725 section 3.1), so `none` or another family can't
//! pass.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};

use crate::JsonObject;

/// A key can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// RFC 7518 section 3.2: an HS256 key has at least 256 bits.
    #[error("the secret has {0} bytes; HS256 needs at least 32")]
    TooShort(usize),
}

/// A key with its one algorithm.
pub struct TokenSigner {
    header: Header,
    /// The header as it stands in every token of ours, with its dot.
    encoded_header: String,
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
}

impl std::fmt::Debug for TokenSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSigner").field("alg", &self.header.alg).finish_non_exhaustive()
    }
}

impl TokenSigner {
    /// HMAC with SHA-256. The key is the secret's bytes as they are, as in FastAuth.
    ///
    /// # Errors
    /// The secret is shorter than 32 bytes.
    pub fn hs256(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() < 32 {
            return Err(KeyError::TooShort(secret.len()));
        }
        let mut validation = Validation::new(Algorithm::HS256);
        // Only the signature is checked here; what the claims say is `Claims::check`'s business, with
        // the server's own clock.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        let header = Header::new(Algorithm::HS256);
        let json = serde_json::to_vec(&header).unwrap_or_default();
        Ok(Self {
            encoded_header: format!("{}.", URL_SAFE_NO_PAD.encode(json)),
            header,
            signing: EncodingKey::from_secret(secret),
            verifying: DecodingKey::from_secret(secret),
            validation,
        })
    }

    /// The compact form of signed claims.
    ///
    /// # Errors
    /// The claims can't be serialised, or the key fails.
    pub fn sign(&self, claims: &JsonObject) -> Result<String, jsonwebtoken::errors::Error> {
        jsonwebtoken::encode(&self.header, claims, &self.signing)
    }

    /// The claims of a token that this key signed; none otherwise, whatever the reason.
    #[must_use]
    pub fn verify(&self, token: &str) -> Option<JsonObject> {
        // A header that is ours to the letter needs no parsing, and nearly every token's is.
        match token.strip_prefix(&self.encoded_header) {
            Some(rest) => self.verify_own(token, rest),
            None => {
                jsonwebtoken::decode(token, &self.verifying, &self.validation).ok().map(|data| data.claims)
            }
        }
    }

    /// `rest` is what follows the header: the claims, a dot, the signature.
    fn verify_own(&self, token: &str, rest: &str) -> Option<JsonObject> {
        let (claims, signature) = rest.split_once('.')?;
        let signed = &token.as_bytes()[..self.encoded_header.len() + claims.len()];
        let is_good =
            jsonwebtoken::crypto::verify(signature, signed, &self.verifying, self.header.alg).ok()?;
        let json = is_good.then(|| URL_SAFE_NO_PAD.decode(claims).ok())??;
        serde_json::from_slice(&json).ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims() -> JsonObject {
        [("sub".to_owned(), json!("u1"))].into_iter().collect()
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert_eq!(TokenSigner::hs256(&[7; 31]).err(), Some(KeyError::TooShort(31)));
        assert!(TokenSigner::hs256(&[7; 32]).is_ok());
    }

    #[test]
    fn only_the_own_signature_passes() {
        let signer = TokenSigner::hs256(&[1; 32]).expect("long enough");
        let other = TokenSigner::hs256(&[2; 32]).expect("long enough");
        let token = signer.sign(&claims()).expect("signs");
        assert_eq!(signer.verify(&token), Some(claims()));
        assert_eq!(other.verify(&token), None);
        assert_eq!(signer.verify(&format!("{token}x")), None);
        assert_eq!(signer.verify(&token[..token.len() - 1]), None);
        for cut in 0..token.len() {
            assert_eq!(signer.verify(&token[..cut]), None);
        }
    }

    #[test]
    fn a_header_of_another_maker_is_read() {
        // Python writes the members in another order.
        let signer = TokenSigner::hs256(&[1; 32]).expect("long enough");
        let head = URL_SAFE_NO_PAD.encode(r#"{"typ": "JWT", "alg": "HS256"}"#);
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(r#"{"sub":"u1"}"#));
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &signer.signing, Algorithm::HS256);
        let token = format!("{signed}.{}", signature.expect("signs"));
        assert_eq!(signer.verify(&token), Some(claims()));
    }

    #[test]
    fn another_algorithm_never_passes() {
        let signer = TokenSigner::hs256(&[1; 32]).expect("long enough");
        let hs512 = jsonwebtoken::encode(
            &Header::new(Algorithm::HS512),
            &claims(),
            &EncodingKey::from_secret(&[1; 32]),
        )
        .expect("signs");
        assert_eq!(signer.verify(&hs512), None);
        // {"alg":"none"} . {"sub":"u1"} .
        for none in ["eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1MSJ9.", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1MSJ9"] {
            assert_eq!(signer.verify(none), None);
        }
    }
}
