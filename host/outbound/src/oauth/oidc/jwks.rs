//! An issuer's public keys (RFC 7517).
//!
//! Each key is good for the algorithms of its kind and for no other, so that the header of a token can't
//! make a key into something else: a public RSA key never becomes the secret of an HMAC.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hookgate_core::JsonObject;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

/// The shortest RSA key that is believed, in bits (RFC 7518 section 3.3).
const RSA_BITS: usize = 2048;
/// The longest: verifying with a longer one is work for nothing.
const RSA_BITS_LIMIT: usize = 8192;

/// One key.
pub(super) struct Key {
    id: Option<String>,
    pub(super) algorithms: &'static [Algorithm],
    /// What the issuer says that it is for.
    algorithm: Option<String>,
    pub(super) verifying: DecodingKey,
}

impl Key {
    /// Whether a token with this header may be signed by it.
    pub(super) fn fits(&self, id: Option<&str>, algorithm: Algorithm) -> bool {
        let is_it = match (id, &self.id) {
            (Some(id), Some(own)) => id == own,
            (Some(_), None) | (None, _) => true,
        };
        let is_meant = self.algorithm.as_ref().is_none_or(|name| *name == format!("{algorithm:?}"));
        is_it && is_meant && self.algorithms.contains(&algorithm)
    }
}

/// The keys that can be used.
pub(super) struct KeySet(Vec<Key>);

impl KeySet {
    /// Reads a set. What can't be used is left out: new kinds of key must not lock anybody out.
    pub(super) fn read(document: &JsonObject) -> Self {
        let keys = document.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Self(keys.iter().filter_map(Value::as_object).filter_map(read_key).collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.0.iter()
    }
}

fn read_key(key: &JsonObject) -> Option<Key> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|usage| usage != "sig") {
        return None;
    }
    if let Some(operations) = key.get("key_ops").and_then(Value::as_array)
        && !operations.iter().any(|operation| operation == "verify")
    {
        return None;
    }
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
    let (algorithms, verifying): (&'static [Algorithm], _) = match (text("kty")?, text("crv")) {
        ("RSA", _) => {
            let modulus = bytes("n")?;
            let bits = modulus.iter().skip_while(|&&byte| byte == 0).count() * 8;
            if !(RSA_BITS..=RSA_BITS_LIMIT).contains(&bits) {
                return None;
            }
            use Algorithm::{PS256, PS384, PS512, RS256, RS384, RS512};
            let key = DecodingKey::from_rsa_raw_components(&modulus, &bytes("e")?);
            (&[RS256, RS384, RS512, PS256, PS384, PS512], key)
        }
        ("EC", Some("P-256")) => (&[Algorithm::ES256], ec(text("x")?, text("y")?, 32)?),
        ("EC", Some("P-384")) => (&[Algorithm::ES384], ec(text("x")?, text("y")?, 48)?),
        // The library takes the length for granted.
        ("OKP", Some("Ed25519")) if bytes("x")?.len() == 32 => {
            (&[Algorithm::EdDSA], DecodingKey::from_ed_components(text("x")?).ok()?)
        }
        _ => return None,
    };
    Some(Key {
        id: text("kid").map(str::to_owned),
        algorithms,
        algorithm: text("alg").map(str::to_owned),
        verifying,
    })
}

/// A point on a curve whose coordinates have `size` bytes.
fn ec(x: &str, y: &str, size: usize) -> Option<DecodingKey> {
    let fits = |text: &str| URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == size);
    (fits(x) && fits(y)).then(|| DecodingKey::from_ec_components(x, y).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(keys: &Value) -> Vec<&'static [Algorithm]> {
        let document = json!({ "keys": keys });
        KeySet::read(document.as_object().expect("an object")).iter().map(|key| key.algorithms).collect()
    }

    fn octets(length: usize) -> String {
        URL_SAFE_NO_PAD.encode(vec![0xab; length])
    }

    #[test]
    fn keys_are_good_for_their_own_kind() {
        let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": octets(32)});
        let p256 = json!({"kty": "EC", "crv": "P-256", "x": octets(32), "y": octets(32)});
        let rsa = json!({"kty": "RSA", "n": octets(256), "e": "AQAB", "use": "sig", "key_ops": ["verify"]});
        let read = read(&json!([ed, p256, rsa]));
        assert_eq!(read[..2], [&[Algorithm::EdDSA][..], &[Algorithm::ES256]]);
        assert!(read[2].contains(&Algorithm::PS256) && !read[2].contains(&Algorithm::HS256));
    }

    #[test]
    fn what_can_not_be_used_is_left_out() {
        let useless = json!([
            5,
            {},
            {"kty": "oct", "k": octets(32)},
            {"kty": "OKP", "crv": "Ed25519", "x": octets(31)},
            {"kty": "OKP", "crv": "Ed25519", "x": "?"},
            {"kty": "OKP", "crv": "X25519", "x": octets(32)},
            {"kty": "EC", "crv": "P-256", "x": octets(48), "y": octets(32)},
            {"kty": "EC", "crv": "secp256k1", "x": octets(32), "y": octets(32)},
            {"kty": "RSA", "n": octets(128), "e": "AQAB"},
            {"kty": "RSA", "n": octets(4096), "e": "AQAB"},
            {"kty": "RSA", "n": octets(256)},
            {"kty": "RSA", "n": octets(256), "e": "AQAB", "use": "enc"},
            {"kty": "RSA", "n": octets(256), "e": "AQAB", "key_ops": ["encrypt"]},
        ]);
        assert_eq!(read(&useless), Vec::<&[Algorithm]>::new());
        assert_eq!(KeySet::read(&JsonObject::new()).iter().count(), 0);
    }

    proptest! {
        #[test]
        fn no_key_makes_it_panic(
            kty in "RSA|EC|OKP|oct",
            crv in "P-256|P-384|Ed25519|x",
            x in "[A-Za-z0-9_=-]{0,64}",
            y in "[A-Za-z0-9_=-]{0,64}",
        ) {
            read(&json!([{"kty": kty, "crv": crv, "x": x, "y": y, "n": x, "e": y}]));
        }
    }
}
