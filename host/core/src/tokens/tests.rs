//! What signed tokens promise, checked with another implementation of the algorithms.

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken as independent;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::key_set::Verdict;
use super::*;
use crate::JsonObject;
use crate::clock::Timestamp;

const NOW: Timestamp = Timestamp(1_000_000);

macro_rules! pem {
    ($name:literal) => {
        include_str!(concat!("testdata/", $name, ".pem"))
    };
}

/// One key of each algorithm.
fn key(algorithm: Algorithm) -> JwtKey {
    static MADE: LazyLock<Vec<PrivateKey>> = LazyLock::new(|| {
        let pairs = Algorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_symmetric());
        pairs.map(|algorithm| PrivateKey::generate(algorithm).expect("a key is made")).collect()
    });
    match MADE.iter().find(|key| key.algorithm() == algorithm) {
        Some(key) => JwtKey::pair(key).expect("a made key is good"),
        None => JwtKey::secret(algorithm, &[7; 64]).expect("long enough"),
    }
}

fn set(algorithm: Algorithm) -> KeySet {
    KeySet::fixed(key(algorithm), [])
}

fn claims() -> JsonObject {
    [("sub".to_owned(), json!("u1"))].into_iter().collect()
}

fn sign(keys: &KeySet, claims: &JsonObject) -> String {
    keys.signing(NOW).and_then(|key| key.sign(claims)).expect("signs")
}

/// The parts of a token with another header.
fn with_header(token: &str, header: &str) -> String {
    let (_, rest) = token.split_once('.').expect("a token");
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
}

fn independent_algorithm(algorithm: Algorithm) -> independent::Algorithm {
    algorithm.as_str().parse().expect("a known algorithm")
}

fn verified_independently(token: &str, jwk: &Value) -> Option<JsonObject> {
    let jwk: independent::jwk::Jwk = serde_json::from_value(jwk.clone()).expect("a JWK");
    let algorithm: independent::Algorithm =
        jwk.common.key_algorithm.expect("an algorithm").to_string().parse().expect("a known one");
    let mut validation = independent::Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let key = independent::DecodingKey::from_jwk(&jwk).expect("a key");
    independent::decode(token, &key, &validation).ok().map(|data| data.claims)
}

#[test]
fn every_algorithm_signs_what_it_verifies_and_others_verify_it() {
    for algorithm in Algorithm::ALL {
        let keys = set(algorithm);
        let token = sign(&keys, &claims());
        assert_eq!(keys.verify(&token), Verdict::Good(claims()), "{algorithm}");
        let header = independent::decode_header(&token).expect("a header");
        assert_eq!((header.alg, header.typ.as_deref()), (independent_algorithm(algorithm), Some("JWT")));
        match keys.jwks().as_slice() {
            [] => assert!(algorithm.is_symmetric() && header.kid.is_none()),
            [jwk] => {
                assert_eq!(jwk["kid"].as_str(), header.kid.as_deref());
                assert_eq!((&jwk["alg"], &jwk["use"]), (&json!(algorithm.as_str()), &json!("sig")));
                let secret = ["d", "p", "q", "dp", "dq", "qi", "k"];
                assert!(secret.iter().all(|name| jwk.get(name).is_none()), "{jwk}");
                assert_eq!(verified_independently(&token, jwk), Some(claims()), "{algorithm}");
            }
            more => panic!("{more:?}"),
        }
    }
}

#[test]
fn the_thumbprint_is_that_of_the_rfc() {
    // RFC 7638 section 3.1, and RFC 8037 appendix A.3.
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let n = rsa::BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(n).expect("base64"));
    let key = rsa::RsaPublicKey::new(n, 65_537_u32.into()).expect("a key");
    let der = rsa::pkcs1::EncodeRsaPublicKey::to_pkcs1_der(&key).expect("DER");
    let key = PublicKey::new(Algorithm::Rs256, der.as_bytes().to_vec());
    assert_eq!(key.kid(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");

    let x = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").expect("base64");
    let key = PublicKey::new(Algorithm::EdDsa, x);
    assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn keys_of_openssl_are_read() {
    use Algorithm::{EdDsa, Es256, Rs256, Rs512};
    let cases = [
        (Rs256, pem!("rsa_pkcs1"), pem!("rsa_pkcs1.pub")),
        (Rs512, pem!("rsa_pkcs1"), pem!("rsa_pkcs1.rsapub")),
        (Es256, pem!("p256_sec1"), pem!("p256_sec1.pub")),
        (EdDsa, pem!("ed25519"), pem!("ed25519.pub")),
    ];
    for (algorithm, private, public) in cases {
        let private = PrivateKey::from_pem(algorithm, private).expect("a private key");
        let public = PublicKey::from_pem(algorithm, public).expect("a public key");
        assert_eq!(private.public_key().as_ref(), Ok(&public));
        let token = sign(&KeySet::fixed(JwtKey::pair(&private).expect("a key"), []), &claims());
        // The predecessor's tokens are good where only its public half is left.
        let successor = JwtKey::pair(&PrivateKey::generate(Es256).expect("a key")).expect("a key");
        let keys = KeySet::fixed(successor, [JwtKey::public(&public).expect("a key")]);
        assert_eq!(keys.verify(&token), Verdict::Good(claims()), "{algorithm}");
        assert_eq!(keys.jwks().len(), 2);
        let public_only = KeySet::fixed(JwtKey::public(&public).expect("a key"), []);
        assert!(public_only.signing(NOW).is_err());
    }
    for (algorithm, pem) in [(Rs256, pem!("rsa_pkcs8")), (Es256, pem!("p256_pkcs8"))] {
        assert!(PrivateKey::from_pem(algorithm, pem).is_ok(), "{algorithm}");
    }
}

#[test]
fn what_is_no_key_of_that_kind_is_refused_without_quoting_it() {
    use Algorithm::{EdDsa, Es256, Hs256, Rs256};
    let cases = [
        (Rs256, "hunter2", "no RSA private key in PEM"),
        (Rs256, pem!("ed25519"), "no RSA private key in PEM"),
        (Rs256, pem!("rsa_1024"), "RSA keys have at least 2048 bits, this one has 1024"),
        (Rs256, pem!("rsa_pkcs1.pub"), "no RSA private key in PEM"),
        (Es256, pem!("p384"), "no P-256 private key in PEM"),
        (Es256, pem!("ed25519"), "no P-256 private key in PEM"),
        (EdDsa, pem!("p256_sec1"), "no Ed25519 private key in PEM"),
        (EdDsa, pem!("p256_pkcs8"), "refused"),
        (EdDsa, pem!("encrypted"), "no Ed25519 private key in PEM"),
        (Hs256, pem!("ed25519"), "HS256 signs with the secret"),
    ];
    for (algorithm, pem, part) in cases {
        let message = PrivateKey::from_pem(algorithm, pem).expect_err(part).to_string();
        assert!(message.contains(part), "{message}");
        let body = pem.lines().find(|line| !line.starts_with('-')).unwrap_or_default();
        assert!(!message.contains(body), "{message}");
    }
    for (algorithm, pem) in [(Rs256, pem!("p256_sec1.pub")), (EdDsa, pem!("rsa_pkcs1.pub"))] {
        assert!(PublicKey::from_pem(algorithm, pem).is_err());
    }
    let debug = format!("{:?}", PrivateKey::generate(EdDsa).expect("a key"));
    assert_eq!(debug, "PrivateKey(EdDSA, …)");
}

#[test]
fn a_short_secret_is_refused() {
    for (algorithm, least) in [(Algorithm::Hs256, 32), (Algorithm::Hs384, 48), (Algorithm::Hs512, 64)] {
        let short = JwtKey::secret(algorithm, &vec![7; least - 1]).err();
        assert_eq!(short, Some(KeyError::TooShort { algorithm, found: least - 1, least }));
        assert!(JwtKey::secret(algorithm, &vec![7; least]).is_ok());
    }
    assert!(TokenSigner::hs256(&[7; 31]).is_err());
}

#[test]
fn a_sealed_key_comes_back() {
    let sealer = Sealer::new(b"one");
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let key = PrivateKey::generate(algorithm).expect("a key");
        assert_eq!(sealer.open::<PrivateKey>(&sealer.seal(&key)), Ok(key));
    }
}

#[test]
fn the_public_key_is_no_secret() {
    // The classic: a token that is signed with HMAC, whose key is the text of the public key.
    let keys = set(Algorithm::Rs256);
    let private = PrivateKey::from_pem(Algorithm::Rs256, pem!("rsa_pkcs1")).expect("a key");
    let known = KeySet::fixed(JwtKey::pair(&private).expect("a key"), []);
    for text in [pem!("rsa_pkcs1.pub"), pem!("rsa_pkcs1.pub").trim(), &keys.jwks()[0].to_string()] {
        for hmac in ["HS256", "HS384", "HS512"] {
            let mut header = independent::Header::new(hmac.parse().expect("HMAC"));
            header.kid = known.jwks()[0]["kid"].as_str().map(str::to_owned);
            let secret = independent::EncodingKey::from_secret(text.as_bytes());
            let token = independent::encode(&header, &claims(), &secret).expect("signs");
            assert_eq!(known.verify(&token), Verdict::Bad);
        }
    }
}

#[test]
fn none_is_no_algorithm() {
    for algorithm in Algorithm::ALL {
        let keys = set(algorithm);
        let token = sign(&keys, &claims());
        let unsigned = token.rsplit_once('.').expect("a token").0;
        for none in ["none", "None", "NONE", "nOnE", ""] {
            let header = format!(r#"{{"alg":"{none}","typ":"JWT"}}"#);
            for token in [token.as_str(), &format!("{unsigned}."), unsigned] {
                assert_eq!(keys.verify(&with_header(token, &header)), Verdict::Bad);
            }
        }
        assert_eq!(keys.verify(&format!("{unsigned}.")), Verdict::Bad);
        assert_eq!(keys.verify(unsigned), Verdict::Bad);
    }
}

#[test]
fn a_header_of_another_maker_chooses_among_our_keys_and_nothing_else() {
    let ours = set(Algorithm::Es256);
    let kid = ours.jwks()[0]["kid"].clone();
    // Python writes the members in another order, with blanks.
    let good = [
        format!(r#"{{"typ": "JWT", "alg": "ES256", "kid": {kid}}}"#),
        r#"{"alg": "ES256"}"#.to_owned(),
        r#"{"alg": "ES256", "kid": null, "x": [1]}"#.to_owned(),
    ];
    // The header is part of what is signed, so each needs a signature of its own.
    let private = PrivateKey::generate(Algorithm::Es256).expect("a key");
    let public = private.public_key().expect("a key");
    let keys = KeySet::fixed(JwtKey::pair(&private).expect("a key"), []);
    let signed = |header: &str| {
        let message =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(r#"{"sub":"u1"}"#));
        let private_key::KeyPair::P256(pair) = private.key_pair().expect("a key") else { unreachable!() };
        let signature = pair.sign(&ring::rand::SystemRandom::new(), message.as_bytes()).expect("signs");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    };
    let own = format!(r#"{{"alg": "ES256", "kid": "{}"}}"#, public.kid());
    for header in good.iter().skip(1).chain([&own]) {
        assert_eq!(keys.verify(&signed(header)), Verdict::Good(claims()), "{header}");
    }
    assert_eq!(keys.verify(&signed(&good[0])), Verdict::UnknownKey);
    let bad = [
        r#"{"alg": "es256"}"#,
        r#"{"alg": "ES256", "alg": "none"}"#,
        r#"{"alg": "ES256", "kid": 7}"#,
        r#"{"alg": "ES256", "crit": ["b64"], "b64": false}"#,
        r#"{"alg": "RS256"}"#,
        r#"{"alg": ["ES256"]}"#,
        r"{}",
        "",
        "[]",
        "null",
    ];
    for header in bad {
        assert_eq!(keys.verify(&signed(header)), Verdict::Bad, "{header}");
    }
    let other_algorithm = format!(r#"{{"alg": "RS256", "kid": "{}"}}"#, public.kid());
    assert_eq!(keys.verify(&signed(&other_algorithm)), Verdict::Bad);
}

#[test]
fn the_key_that_signs_follows_the_clock() {
    let keys = [Algorithm::Es256, Algorithm::Es256].map(|algorithm| {
        Arc::new(JwtKey::pair(&PrivateKey::generate(algorithm).expect("a key")).expect("a key"))
    });
    let starts = [NOW, NOW.plus(10)];
    let set = KeySet::new(Algorithm::Es256, keys.iter().cloned().zip(starts));
    let kid = |now| set.signing(now).expect("a key").kid().map(str::to_owned);
    assert_eq!(kid(NOW.plus(9)).as_deref(), keys[0].kid());
    assert_eq!(kid(NOW.plus(10)).as_deref(), keys[1].kid());
    assert_eq!(kid(NOW.plus(-100)).as_deref(), keys[0].kid(), "early is better than never");
    let other = KeySet::new(Algorithm::EdDsa, keys.iter().cloned().zip(starts));
    assert!(other.signing(NOW).is_err(), "a key of another algorithm verifies only");
    let token = keys[0].sign(&claims()).expect("signs");
    assert_eq!(other.verify(&token), Verdict::Good(claims()));
}

fn algorithms() -> impl Strategy<Value = Algorithm> {
    proptest::sample::select(Algorithm::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a token's header claims: only the algorithm of the key that signed it passes, and only
    /// with that key.
    #[test]
    fn no_header_makes_another_key_accept(signer in algorithms(), verifier in algorithms(), claimed in algorithms()) {
        let (signing, verifying) = (set(signer), set(verifier));
        let token = sign(&signing, &claims());
        let is_own = signer == verifier;
        prop_assert_eq!(verifying.verify(&token) == Verdict::Good(claims()), is_own);
        let kid = verifying.jwks().first().map_or(Value::Null, |jwk| jwk["kid"].clone());
        let forged = with_header(&token, &json!({"alg": claimed.as_str(), "kid": kid, "typ": "JWT"}).to_string());
        let is_unchanged = forged == token;
        prop_assert_eq!(verifying.verify(&forged) == Verdict::Good(claims()), is_own && is_unchanged);
    }

    /// A token that was touched anywhere is none.
    #[test]
    fn no_byte_of_a_token_may_change(algorithm in algorithms(), at in any::<prop::sample::Index>(), to in "[A-Za-z0-9._-]") {
        let keys = set(algorithm);
        let token = sign(&keys, &claims());
        let at = at.index(token.len());
        let changed = format!("{}{to}{}", &token[..at], &token[at + 1..]);
        prop_assume!(changed != token);
        prop_assert!(!matches!(keys.verify(&changed), Verdict::Good(_)), "{}", changed);
        prop_assert!(!matches!(keys.verify(&token[..at]), Verdict::Good(_)));
    }

    #[test]
    fn nonsense_is_no_token(text in "\\PC{0,200}") {
        for algorithm in [Algorithm::Hs256, Algorithm::Es256] {
            prop_assert_eq!(set(algorithm).verify(&text), Verdict::Bad);
        }
    }
}
