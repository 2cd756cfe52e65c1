//! The layer in front of a service, with a key set that the tests serve.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::routing::get;
use axum::{Extension, Json, Router};
use hookgate_core::JsonObject;
use hookgate_core::tokens::{Algorithm, JwtKey, PrivateKey};
use hookgate_tower::{Claims, Refusal, RequireToken, SetupError, Verifier, VerifierSettings};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// A server that publishes keys.
#[derive(Clone, Default)]
struct Publisher {
    keys: Arc<Mutex<Option<Vec<Value>>>>,
    fetches: Arc<AtomicUsize>,
}

impl Publisher {
    async fn start(&self) -> VerifierSettings {
        let publisher = self.clone();
        let answer = move || {
            publisher.fetches.fetch_add(1, Ordering::SeqCst);
            let keys = publisher.keys.lock().unwrap().clone();
            async move { keys.map(|keys| Json(json!({"keys": keys}))).ok_or(StatusCode::NOT_FOUND) }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        tokio::spawn(
            async move { axum::serve(listener, Router::new().route("/jwks.json", get(answer))).await },
        );
        VerifierSettings { min_interval: Duration::ZERO, ..VerifierSettings::new(url) }
    }

    fn publish(&self, keys: &[&JwtKey]) {
        *self.keys.lock().unwrap() = Some(keys.iter().map(|key| key.jwk().unwrap().clone()).collect());
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

fn key(algorithm: Algorithm) -> JwtKey {
    JwtKey::pair(&PrivateKey::generate(algorithm).unwrap()).unwrap()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Good claims with changes; `null` takes one out.
#[expect(clippy::needless_pass_by_value, reason = "callers write them out")]
fn claims(changes: Value) -> JsonObject {
    let mut claims = json!({
        "sub": "u1", "type": "access", "iat": now(), "exp": now() + 900, "sid": "s1", "email": "ada@example.com",
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let mut claims = claims.as_object().unwrap().clone();
    claims.retain(|_, value| !value.is_null());
    claims
}

/// What the layer answers, with the challenge.
async fn ask(layer: &RequireToken, authorization: Option<&str>) -> (u16, String, Value) {
    async fn handler(Extension(claims): Extension<Claims>) -> Json<Value> {
        Json(json!({"sub": claims.sub, "sid": claims.sid, "team": claims.other.get("team")}))
    }
    let app: Router = Router::new().route("/", get(handler)).route_layer(layer.clone());
    let mut request = Request::get("/");
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let challenge = response.headers().get(header::WWW_AUTHENTICATE);
    let challenge = challenge.map_or(String::new(), |value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
    (status, challenge, serde_json::from_slice(&body).unwrap())
}

async fn verifier(publisher: &Publisher) -> Verifier {
    Verifier::new(publisher.start().await).unwrap()
}

#[tokio::test]
async fn every_algorithm_with_key_pairs_passes() {
    for algorithm in [Algorithm::Rs256, Algorithm::Rs512, Algorithm::Es256, Algorithm::EdDsa] {
        let (publisher, key) = (Publisher::default(), key(algorithm));
        publisher.publish(&[&key]);
        let layer = RequireToken::new(verifier(&publisher).await);
        let token = key.sign(&claims(json!({"team": "blue"}))).unwrap();
        let (status, _, body) = ask(&layer, Some(&format!("bearer  {token}"))).await;
        assert_eq!((status, body), (200, json!({"sub": "u1", "sid": "s1", "team": "blue"})), "{algorithm}");
        assert_eq!(ask(&layer, Some(&format!("Bearer {token}"))).await.0, 200);
        assert_eq!(publisher.fetches(), 1, "the keys are kept");
    }
}

#[tokio::test]
async fn callers_are_told_what_the_rfc_wants() {
    let (publisher, key) = (Publisher::default(), key(Algorithm::EdDsa));
    publisher.publish(&[&key]);
    let layer = RequireToken::new(verifier(&publisher).await).role("admin").permission("orders:read");
    let unauthenticated = json!({"detail": "Not authenticated"});
    for absent in [None, Some("Basic abc"), Some("Bearer "), Some("Bearer")] {
        assert_eq!(ask(&layer, absent).await, (401, "Bearer".to_owned(), unauthenticated.clone()));
    }
    let (status, challenge, body) = ask(&layer, Some("Bearer nonsense")).await;
    assert_eq!((status, body), (401, unauthenticated));
    assert_eq!(challenge, r#"Bearer error="invalid_token", error_description="The token is not valid""#);

    let ask_with = async |changes| {
        let token = key.sign(&claims(changes)).unwrap();
        ask(&layer, Some(&format!("Bearer {token}"))).await
    };
    let lacking = r#"Bearer error="insufficient_scope""#;
    for roles in [json!(null), json!([]), json!("admin"), json!(["Admin"]), json!({"admin": true})] {
        let (status, challenge, body) = ask_with(json!({"roles": roles})).await;
        assert_eq!((status, challenge.as_str()), (403, lacking), "{roles}");
        assert_eq!(body, json!({"detail": "Insufficient role"}));
    }
    let (status, _, body) = ask_with(json!({"roles": ["admin"]})).await;
    assert_eq!((status, body), (403, json!({"detail": "Insufficient permissions"})));
    let both = json!({"roles": ["x", "admin"], "permissions": ["orders:read"]});
    assert_eq!(ask_with(both).await.0, 200);
}

#[tokio::test]
async fn each_claim_is_checked() {
    let (publisher, key) = (Publisher::default(), key(Algorithm::EdDsa));
    publisher.publish(&[&key]);
    let settings = VerifierSettings {
        issuer: Some("https://id.example".to_owned()),
        audience: vec!["orders".to_owned(), "stock".to_owned()],
        ..publisher.start().await
    };
    let strict = Verifier::new(settings).unwrap();
    let lax = verifier(&publisher).await;
    let verified = async |verifier: &Verifier, mut changes: Value| {
        for (name, value) in [("iss", json!("https://id.example")), ("aud", json!(["orders"]))] {
            changes.as_object_mut().unwrap().entry(name).or_insert(value);
        }
        verifier.verify(&key.sign(&claims(changes)).unwrap()).await.map(|claims| claims.sub)
    };
    assert_eq!(verified(&strict, json!({})).await, Ok("u1".to_owned()));
    assert_eq!(verified(&strict, json!({"aud": "stock"})).await, Ok("u1".to_owned()));
    assert_eq!(verified(&strict, json!({"exp": now() - 5})).await, Ok("u1".to_owned()), "leeway");
    assert_eq!(verified(&strict, json!({"exp": now() - 30})).await, Err(Refusal::Expired));
    let bad = [
        json!({"exp": null}),
        json!({"exp": "soon"}),
        json!({"sub": null}),
        json!({"sub": 7}),
        json!({"type": "refresh"}),
        json!({"type": null}),
        json!({"nbf": now() + 60}),
        json!({"iat": now() + 60}),
        json!({"iss": null}),
        json!({"iss": "https://other.example"}),
        json!({"aud": null}),
        json!({"aud": ["other"]}),
    ];
    for changes in bad {
        assert_eq!(verified(&strict, changes.clone()).await, Err(Refusal::Invalid), "{changes}");
    }
    assert_eq!(verified(&lax, json!({"iss": null, "aud": "whoever"})).await, Ok("u1".to_owned()));
}

#[tokio::test]
async fn a_key_verifies_with_its_own_algorithm_and_its_own_tokens() {
    let (publisher, ours, other) = (Publisher::default(), key(Algorithm::Rs256), key(Algorithm::Rs256));
    publisher.publish(&[&ours]);
    let verifier = verifier(&publisher).await;
    let token = ours.sign(&claims(json!({}))).unwrap();
    assert!(verifier.verify(&token).await.is_ok());
    assert_eq!(verifier.verify(&other.sign(&claims(json!({}))).unwrap()).await, Err(Refusal::Invalid));

    let public = ours.jwk().unwrap().to_string();
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    header.kid = ours.kid().map(str::to_owned);
    let secret = jsonwebtoken::EncodingKey::from_secret(public.as_bytes());
    let forged = jsonwebtoken::encode(&header, &claims(json!({})), &secret).unwrap();
    let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
    for token in [forged, unsigned, token[..token.len() - 2].to_owned(), String::new(), "..".to_owned()] {
        assert_eq!(verifier.verify(&token).await, Err(Refusal::Invalid), "{token}");
    }
}

#[tokio::test]
async fn a_new_key_is_fetched_when_its_first_token_comes() {
    let publisher = Publisher::default();
    let (old, new, foreign) = (key(Algorithm::EdDsa), key(Algorithm::EdDsa), key(Algorithm::EdDsa));
    publisher.publish(&[&old]);
    let patient = VerifierSettings { min_interval: Duration::from_secs(3600), ..publisher.start().await };
    let patient = Verifier::new(patient).unwrap();
    let eager = verifier(&publisher).await;
    let token = |key: &JwtKey| key.sign(&claims(json!({}))).unwrap();
    assert!(eager.verify(&token(&old)).await.is_ok());
    assert!(patient.verify(&token(&old)).await.is_ok());

    publisher.publish(&[&old, &new]);
    assert!(eager.verify(&token(&new)).await.is_ok());
    assert!(eager.verify(&token(&old)).await.is_ok());
    let before = publisher.fetches();
    for _ in 0..10 {
        assert_eq!(patient.verify(&token(&foreign)).await, Err(Refusal::Invalid));
    }
    assert_eq!(publisher.fetches(), before, "unknown keys don't make it ask all the time");
    // A key that was taken back is no key after the next fetch.
    publisher.publish(&[&new]);
    assert_eq!(eager.verify(&token(&foreign)).await, Err(Refusal::Invalid));
    assert_eq!(eager.verify(&token(&old)).await, Err(Refusal::Invalid));
}

#[tokio::test]
async fn without_keys_nobody_passes_and_with_old_ones_everybody_does_for_a_while() {
    let (publisher, key) = (Publisher::default(), key(Algorithm::EdDsa));
    let settings = VerifierSettings { refresh_every: Duration::ZERO, ..publisher.start().await };
    let verifier = Verifier::new(settings.clone()).unwrap();
    let token = key.sign(&claims(json!({}))).unwrap();
    let layer = RequireToken::new(verifier.clone());
    let (status, _, body) = ask(&layer, Some(&format!("Bearer {token}"))).await;
    assert_eq!((status, body), (503, json!({"detail": "Service Unavailable"})));
    publisher.publish(&[&key]);
    assert!(verifier.verify(&token).await.is_ok());
    *publisher.keys.lock().unwrap() = None;
    for _ in 0..3 {
        assert!(verifier.verify(&token).await.is_ok(), "the known keys serve");
    }
    publisher.publish(&[&key]);
    let short = Verifier::new(VerifierSettings { max_age: Duration::ZERO, ..settings }).unwrap();
    assert_eq!(short.verify(&token).await, Err(Refusal::NoKeys), "and not for ever");
}

#[tokio::test]
async fn addresses_that_cannot_be_trusted_are_refused() {
    let refused = |url: &str| Verifier::new(VerifierSettings::new(url)).err();
    for url in ["", "jwks.json", "ftp://id.example/jwks.json", "/.well-known/jwks.json"] {
        assert!(matches!(refused(url), Some(SetupError::Url(_))), "{url}");
    }
    for url in ["http://id.example/jwks.json", "http://127.0.0.1.example/jwks.json"] {
        assert!(matches!(refused(url), Some(SetupError::PlainHttp(_))), "{url}");
        let settings = VerifierSettings { allow_plain_http: true, ..VerifierSettings::new(url) };
        assert!(Verifier::new(settings).is_ok());
    }
    for url in ["http://127.0.0.1:1/x", "http://[::1]:1/x", "http://localhost/x"] {
        assert!(refused(url).is_none(), "{url}");
    }
}
