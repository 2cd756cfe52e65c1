//! Signatures, published keys, and their change.

use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{Answer, Server, Setup, eventually};

const ALGORITHMS: [&str; 7] = ["HS256", "HS384", "HS512", "RS256", "RS512", "ES256", "EdDSA"];

fn with(algorithm: &str, more: &str) -> Setup {
    Setup::new().config(&format!("[jwt]\nalgorithm = \"{algorithm}\"\n{more}"))
}

async fn jwks(server: &Server) -> Answer {
    server.send(server.request(Method::GET, "/.well-known/jwks.json")).await
}

async fn kids(server: &Server) -> Vec<String> {
    let keys = jwks(server).await.json();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid(token: &str) -> String {
    decode_header(token).unwrap().kid.unwrap()
}

/// The claims, if one of the published keys signed the token: with another implementation than ours.
fn verified(token: &str, jwks: &Value) -> Option<Value> {
    let set: JwkSet = serde_json::from_value(jwks.clone()).unwrap();
    let jwk = set.find(&decode_header(token).unwrap().kid?)?;
    let algorithm = jwk.common.key_algorithm.unwrap().to_string().parse().unwrap();
    let key = DecodingKey::from_jwk(jwk).unwrap();
    decode::<Value>(token, &key, &Validation::new(algorithm)).ok().map(|data| data.claims)
}

#[tokio::test]
async fn every_algorithm_serves_and_verifies() {
    for algorithm in ALGORITHMS {
        let server = with(algorithm, "").start().await;
        let tokens = server.register("ada@example.com").await;
        let access = tokens.text("access_token");
        let header = decode_header(&access).unwrap();
        assert_eq!(header.alg, algorithm.parse().unwrap());
        assert_eq!(header.typ.as_deref(), Some("JWT"));
        let me = server.get("/auth/me", &access).await;
        me.expect(200);
        for (name, kind) in [("access_token", "access"), ("refresh_token", "refresh")] {
            let body = json!({"token": tokens.text(name)});
            let request = server.request(Method::POST, "/auth/token/introspect").bearer_auth(&access);
            let answer = server.send(request.json(&body)).await.json();
            assert_eq!(
                (&answer["active"], &answer["token_type"]),
                (&json!(true), &json!(kind)),
                "{algorithm}"
            );
        }
        server.refresh(&tokens.text("refresh_token")).await.expect(200);

        let published = jwks(&server).await;
        if algorithm.starts_with("HS") {
            assert_eq!(header.kid, None);
            published.expect(404);
            continue;
        }
        published.expect(200);
        assert_eq!(published.header("content-type"), "application/json");
        assert_eq!(published.header("cache-control"), "public, max-age=300");
        let key = &published.json()["keys"][0];
        assert_eq!((&key["alg"], &key["use"]), (&json!(algorithm), &json!("sig")));
        assert!(key.get("d").is_none());
        let claims = verified(&access, &published.json()).expect("another implementation accepts it");
        assert_eq!(claims["sub"], me.json()["id"]);
    }
}

#[tokio::test]
async fn a_secret_publishes_nothing() {
    let server = with("HS256", "jwks_enabled = true").start().await;
    server.register("ada@example.com").await.expect(201);
    assert_eq!(jwks(&server).await.json(), json!({"keys": []}));
    let hidden = with("ES256", "jwks_enabled = false").start().await;
    jwks(&hidden).await.expect(404);
}

#[tokio::test]
async fn made_keys_survive_a_restart_and_are_sealed() {
    let mut server = with("ES256", "").start().await;
    let tokens = server.register("ada@example.com").await;
    let before = kids(&server).await;
    server.stop().await;
    let server = with("ES256", "").data_of(&server).start().await;
    assert_eq!(kids(&server).await, before);
    server.get("/auth/me", &tokens.text("access_token")).await.expect(200);
    server.refresh(&tokens.text("refresh_token")).await.expect(200);

    let database = rusqlite::Connection::open(server.data_dir().join("hookgate.db")).unwrap();
    let row: (String, String) = database
        .query_row("SELECT kid, sealed FROM signing_keys", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!([row.0], before.as_slice());
    assert!(!row.1.contains("alg"));
}

#[tokio::test]
async fn processes_that_share_a_database_share_their_keys() {
    let first = with("RS256", "").start().await;
    // Two more, which start together.
    let [second, third] =
        [with("RS256", "").data_of(&first).start(), with("RS256", "").data_of(&first).start()];
    let (second, third) = tokio::join!(second, third);
    let token = first.register("ada@example.com").await.text("access_token");
    assert_eq!(kids(&first).await, [kid(&token)]);
    for other in [&second, &third] {
        assert_eq!(kids(other).await, [kid(&token)]);
        other.get("/auth/me", &token).await.expect(200);
    }
}

#[tokio::test]
async fn keys_change_while_two_processes_serve_and_nobody_notices() {
    let often = "key_rotation_interval = 3\nkey_publish_ahead = 1";
    let one = with("EdDSA", often).start().await;
    let two = with("EdDSA", often).data_of(&one).start().await;
    let first = one.register("ada@example.com").await;
    let old = first.text("access_token");
    let mut seen = vec![kid(&old)];
    let mut published = kids(&one).await;
    let mut newest = first.text("refresh_token");
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    // Alternately here and there, through two changes.
    for turn in 0.. {
        let (server, other) = if turn % 2 == 0 { (&one, &two) } else { (&two, &one) };
        let tokens = server.refresh(&newest).await;
        tokens.expect(200);
        newest = tokens.text("refresh_token");
        let access = tokens.text("access_token");
        other.get("/auth/me", &access).await.expect(200);
        if !seen.contains(&kid(&access)) {
            assert!(published.contains(&kid(&access)), "a key is published before it signs");
            seen.push(kid(&access));
        }
        other.get("/auth/me", &old).await.expect(200);
        if seen.len() == 3 {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "two changes in time: {seen:?}");
        published = kids(other).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let keys = jwks(&two).await.json();
    assert!(verified(&old, &keys).is_some(), "services can still verify it");
    // One successor for each key, although two processes wanted to make it.
    let database = rusqlite::Connection::open(one.data_dir().join("hookgate.db")).unwrap();
    let (rows, starts): (i64, i64) = database
        .query_row("SELECT COUNT(*), COUNT(DISTINCT signs_from) FROM signing_keys", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(rows, starts);
}

#[tokio::test]
async fn a_given_key_signs_and_its_predecessor_still_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    for name in ["old", "new"] {
        std::fs::write(path(&format!("{name}.pem")), pem(name)).unwrap();
    }
    std::fs::write(path("old.pub"), OLD_PUBLIC).unwrap();
    let config = |key: &str| format!("private_key_file = \"{}\"", path(&format!("{key}.pem")));
    let mut server = with("EdDSA", &config("old")).start().await;
    let tokens = server.register("ada@example.com").await;
    assert_eq!(kids(&server).await, [kid(&tokens.text("access_token"))]);
    server.stop().await;

    let retired = format!("{}\nretired_key_files = [\"{}\"]", config("new"), path("old.pub"));
    let mut server = with("EdDSA", &retired).data_of(&server).start().await;
    server.get("/auth/me", &tokens.text("access_token")).await.expect(200);
    let fresh = server.refresh(&tokens.text("refresh_token")).await;
    fresh.expect(200);
    assert_ne!(kid(&fresh.text("access_token")), kid(&tokens.text("access_token")));
    let keys = jwks(&server).await.json();
    for token in [&tokens, &fresh].map(|tokens| tokens.text("access_token")) {
        assert!(verified(&token, &keys).is_some());
    }
    server.stop().await;

    // Without the predecessor its tokens are void.
    let server = with("EdDSA", &config("new")).data_of(&server).start().await;
    server.get("/auth/me", &tokens.text("access_token")).await.expect(401);
    server.get("/auth/me", &fresh.text("access_token")).await.expect(200);
}

#[tokio::test]
async fn an_unknown_key_is_nobodys() {
    let server = with("ES256", "").start().await;
    let other = with("ES256", "").start().await;
    let token = other.register("ada@example.com").await.text("access_token");
    server.register("ada@example.com").await.expect(201);
    for _ in 0..3 {
        server.get("/auth/me", &token).await.expect_detail(401, "Not authenticated");
    }
    eventually("the own tokens are good all the while", || async {
        let own = server.login("ada@example.com").await.text("access_token");
        server.get("/auth/me", &own).await.status == 200
    })
    .await;
}

/// Keys of `openssl genpkey -algorithm ed25519`.
fn pem(name: &str) -> &'static str {
    match name {
        "old" => OLD,
        _ => NEW,
    }
}

const OLD: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIGq5be7ea5I/GzSQbXknYDHYHw59olm+rBbQNs96aAhw\n-----END PRIVATE KEY-----";
const OLD_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA0nkf3+NCFbnyDFWhsMmMrZh1ft8i/Wn8uft074YJD4Q=\n-----END PUBLIC KEY-----";
const NEW: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIC2+1qmbvwMgeQInVbFnSHTuw/Pu/C47SmL3AVaJOeSr\n-----END PRIVATE KEY-----";
