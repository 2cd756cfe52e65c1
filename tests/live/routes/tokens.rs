//! Forged, stale and misused tokens.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::kit::{SECRET, Server, claims};

fn signed(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

#[tokio::test]
async fn only_what_the_server_signed_for_this_purpose_is_a_token() {
    let server = Server::start().await;
    let answer = server.register("ada@example.com").await;
    let good = claims(&answer.text("access_token"));
    let with = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        changed
    };
    let without = |name: &str| {
        let mut changed = good.clone();
        changed.as_object_mut().unwrap().remove(name);
        changed
    };
    server.get("/auth/me", &signed(Algorithm::HS256, SECRET, &good)).await.expect(200);
    // FastAuth writes null for an issuer and an audience that are not configured.
    let mut of_fastauth = with("iss", Value::Null);
    of_fastauth["aud"] = Value::Null;
    server.get("/auth/me", &signed(Algorithm::HS256, SECRET, &of_fastauth)).await.expect(200);

    let now = good["iat"].as_i64().unwrap();
    let bad = [
        ("another secret", signed(Algorithm::HS256, "another secret, just as long as ours", &good)),
        ("another algorithm", signed(Algorithm::HS384, SECRET, &good)),
        ("expired", signed(Algorithm::HS256, SECRET, &with("exp", json!(now - 1)))),
        ("no expiry", signed(Algorithm::HS256, SECRET, &without("exp"))),
        ("no subject", signed(Algorithm::HS256, SECRET, &without("sub"))),
        ("from the future", signed(Algorithm::HS256, SECRET, &with("iat", json!(now + 3600)))),
        ("not yet", signed(Algorithm::HS256, SECRET, &with("nbf", json!(now + 3600)))),
        ("unknown user", signed(Algorithm::HS256, SECRET, &with("sub", json!("nobody")))),
        ("subject no text", signed(Algorithm::HS256, SECRET, &with("sub", json!({"a": 1})))),
        ("refresh type", signed(Algorithm::HS256, SECRET, &with("type", json!("refresh")))),
        ("no type", signed(Algorithm::HS256, SECRET, &without("type"))),
        ("refresh token", answer.text("refresh_token")),
        (
            "alg none",
            format!(
                "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.",
                answer.text("access_token").split('.').nth(1).unwrap()
            ),
        ),
        ("stripped signature", answer.text("access_token").rsplit_once('.').unwrap().0.to_owned() + "."),
        ("long", "a".repeat(7000)),
    ];
    for (what, token) in bad {
        let answer = server.get("/auth/me", &token).await;
        assert_eq!((answer.status, answer.text("detail").as_str()), (401, "Not authenticated"), "{what}");
    }
}
