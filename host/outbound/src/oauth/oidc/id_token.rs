//! Believing an ID token, or not (OpenID Connect Core section 3.1.3.7).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hookgate_core::JsonObject;
use hookgate_core::clock::Timestamp;
use jsonwebtoken::decode_header;
use serde_json::Value;

use super::jwks::KeySet;

/// How far an issuer's clock may be off, in seconds.
const LEEWAY: i64 = 60;

/// What a token must be.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    /// The signatures that the issuer says it makes; any good one if it does not say.
    pub(super) algorithms: Option<&'a [String]>,
    pub(super) now: Timestamp,
}

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum IdTokenError {
    #[error("it can't be read")]
    Unreadable,
    #[error("its algorithm is not allowed")]
    Algorithm,
    #[error("the issuer has no such key")]
    UnknownKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("it is from another issuer")]
    Issuer,
    #[error("it is for somebody else")]
    Audience,
    #[error("it is expired, or from the future")]
    Time,
    #[error("its nonce is not that of the request")]
    Nonce,
    #[error("it names no account")]
    Subject,
}

/// The claims of a token that is good.
pub(super) fn verify(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
) -> Result<JsonObject, IdTokenError> {
    let claims = verify_signature(token, keys, expected)?;
    check(&claims, expected)?;
    Ok(claims)
}

fn verify_signature(token: &str, keys: &KeySet, expected: &Expected<'_>) -> Result<JsonObject, IdTokenError> {
    // `none` and whatever else is unknown can't be read.
    let header = decode_header(token).map_err(|_| IdTokenError::Unreadable)?;
    let name = format!("{:?}", header.alg);
    let is_listed = expected.algorithms.is_none_or(|known| known.contains(&name));
    // Signed with the client secret: then everybody who knows it could be anybody.
    if name.starts_with("HS") || !is_listed || header.crit.is_some() {
        return Err(IdTokenError::Algorithm);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(IdTokenError::Unreadable)?;
    let (_, payload) = signed.split_once('.').ok_or(IdTokenError::Unreadable)?;
    let mut candidates = keys.iter().filter(|key| key.fits(header.kid.as_deref(), header.alg)).peekable();
    if candidates.peek().is_none() {
        return Err(IdTokenError::UnknownKey);
    }
    let is_good = candidates.any(|key| {
        jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key.verifying, header.alg)
            .unwrap_or(false)
    });
    if !is_good {
        return Err(IdTokenError::Signature);
    }
    let json = URL_SAFE_NO_PAD.decode(payload).map_err(|_| IdTokenError::Unreadable)?;
    serde_json::from_slice(&json).map_err(|_| IdTokenError::Unreadable)
}

fn check(claims: &JsonObject, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| claims.get(name).and_then(Value::as_f64).map(|seconds| seconds as i64);
    if text("iss") != Some(expected.issuer) {
        return Err(IdTokenError::Issuer);
    }
    if !is_for(claims, expected.client_id) {
        return Err(IdTokenError::Audience);
    }
    let now = expected.now.0;
    let is_alive = time("exp").is_some_and(|end| now < end.saturating_add(LEEWAY));
    let has_begun = |name| time(name).is_none_or(|begin| begin <= now + LEEWAY);
    if !is_alive || !has_begun("iat") || !has_begun("nbf") {
        return Err(IdTokenError::Time);
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(IdTokenError::Nonce);
    }
    if text("sub").is_none_or(str::is_empty) {
        return Err(IdTokenError::Subject);
    }
    Ok(())
}

/// Whether a token is for this client: among its audience, and the party that it was made for where it
/// names one. It must name one if there is more than one audience.
fn is_for(claims: &JsonObject, client_id: &str) -> bool {
    let (is_among, is_alone) = match claims.get("aud") {
        Some(Value::String(audience)) => (audience == client_id, true),
        Some(Value::Array(audiences)) => {
            (audiences.iter().any(|audience| audience == client_id), audiences.len() == 1)
        }
        _ => (false, true),
    };
    let is_party = match claims.get("azp") {
        Some(party) => party == client_id,
        None => is_alone,
    };
    is_among && is_party
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use serde_json::json;

    use super::*;

    /// RFC 8032 section 7.1, test 1.
    const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const NOW: i64 = 1_700_000_000;

    fn signing() -> EncodingKey {
        let pkcs8 = format!("302e020100300506032b657004220420{SEED}");
        let bytes: Vec<u8> = (0..pkcs8.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&pkcs8[at..at + 2], 16).expect("hexadecimal"))
            .collect();
        EncodingKey::from_ed_der(&bytes)
    }

    fn keys(id: &str) -> KeySet {
        let document =
            json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": PUBLIC, "kid": id, "alg": "EdDSA"}]});
        KeySet::read(document.as_object().expect("an object"))
    }

    fn claims() -> Value {
        json!({
            "iss": "https://id.example", "aud": "me", "sub": "42", "nonce": "n", "iat": NOW, "exp": NOW + 60,
        })
    }

    fn sign(claims: &Value) -> String {
        let header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &signing()).expect("signs")
    }

    fn outcome(token: &str, keys: &KeySet, algorithms: Option<&[String]>) -> Option<IdTokenError> {
        let expected = Expected {
            issuer: "https://id.example",
            client_id: "me",
            nonce: "n",
            algorithms,
            now: Timestamp(NOW),
        };
        verify(token, keys, &expected).err()
    }

    fn with(name: &str, value: Value) -> Option<IdTokenError> {
        let mut claims = claims();
        claims[name] = value;
        outcome(&sign(&claims), &keys("k1"), None)
    }

    #[test]
    fn a_good_token_is_believed() {
        let token = sign(&claims());
        assert_eq!(outcome(&token, &keys("k1"), None), None);
        assert_eq!(outcome(&token, &keys("k1"), Some(&["EdDSA".to_owned()])), None);
        assert_eq!(with("aud", json!(["me"])), None);
        let mut several = claims();
        several["aud"] = json!(["me", "you"]);
        several["azp"] = json!("me");
        assert_eq!(outcome(&sign(&several), &keys("k1"), None), None);
        assert_eq!(with("exp", json!(NOW - 59)), None, "clocks differ");
    }

    #[test]
    fn every_claim_is_checked() {
        use IdTokenError::{Audience, Issuer, Nonce, Subject, Time};
        let cases = [
            ("iss", json!("https://id.example/"), Issuer),
            ("iss", json!(null), Issuer),
            ("aud", json!("you"), Audience),
            ("aud", json!(["you"]), Audience),
            ("aud", json!(["me", "you"]), Audience),
            ("aud", json!([]), Audience),
            ("aud", json!(null), Audience),
            ("azp", json!("you"), Audience),
            ("azp", json!(5), Audience),
            ("exp", json!(NOW - 61), Time),
            ("exp", json!("soon"), Time),
            ("exp", json!(null), Time),
            ("iat", json!(NOW + 61), Time),
            ("nbf", json!(NOW + 61), Time),
            ("nonce", json!("m"), Nonce),
            ("nonce", json!(null), Nonce),
            ("sub", json!(""), Subject),
            ("sub", json!(42), Subject),
        ];
        for (name, value, error) in cases {
            assert_eq!(with(name, value.clone()), Some(error), "{name} = {value}");
        }
    }

    #[test]
    fn only_the_issuers_own_signature_counts() {
        let token = sign(&claims());
        assert_eq!(outcome(&token, &keys("k2"), None), Some(IdTokenError::UnknownKey));
        assert_eq!(outcome(&token, &KeySet::read(&JsonObject::new()), None), Some(IdTokenError::UnknownKey));
        assert_eq!(outcome(&token, &keys("k1"), Some(&["RS256".to_owned()])), Some(IdTokenError::Algorithm));
        let (signed, _) = token.rsplit_once('.').expect("three parts");
        let other = sign(&json!({"sub": "1"}));
        let (_, foreign) = other.rsplit_once('.').expect("three parts");
        assert_eq!(outcome(&format!("{signed}.{foreign}"), &keys("k1"), None), Some(IdTokenError::Signature));
        assert_eq!(outcome(&format!("{signed}."), &keys("k1"), None), Some(IdTokenError::Signature));
        for cut in 0..token.len() {
            assert!(outcome(&token[..cut], &keys("k1"), None).is_some());
        }
    }

    #[test]
    fn no_algorithm_takes_the_public_key_for_a_secret() {
        let header = |alg: &str| URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}","kid":"k1"}}"#));
        let payload = URL_SAFE_NO_PAD.encode(claims().to_string());
        let none = format!("{}.{payload}.", header("none"));
        assert_eq!(outcome(&none, &keys("k1"), None), Some(IdTokenError::Unreadable));
        let key = EncodingKey::from_secret(PUBLIC.as_bytes());
        let hmac = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::HS256) };
        let hmac = jsonwebtoken::encode(&hmac, &claims(), &key).expect("signs");
        assert_eq!(outcome(&hmac, &keys("k1"), None), Some(IdTokenError::Algorithm));
        for alg in ["RS256", "ES256", "ES384", "PS512"] {
            let token = format!("{}.{payload}.AAAA", header(alg));
            assert_eq!(outcome(&token, &keys("k1"), None), Some(IdTokenError::UnknownKey), "{alg}");
        }
    }
}
