//! `hookgate key list|rotate`.

use reqwest::Method;
use serde_json::{Value, json};

use super::Desk;
use crate::kit::{Server, Setup, eventually};

async fn with(algorithm: &str) -> Server {
    // An hour ahead is far off, half a second between two looks at the database is not.
    let config = format!("[jwt]\nalgorithm = \"{algorithm}\"\nkey_publish_ahead = 2");
    Setup::new().config(&config).start().await
}

fn stages(keys: &Value) -> Vec<&str> {
    keys.as_array().unwrap().iter().map(|key| key["stage"].as_str().unwrap()).collect()
}

async fn published(server: &Server) -> Vec<Value> {
    let answer = server.send(server.request(Method::GET, "/.well-known/jwks.json")).await.json();
    answer["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect()
}

fn kid(token: &str) -> Value {
    json!(jsonwebtoken::decode_header(token).unwrap().kid)
}

#[tokio::test]
async fn a_new_key_is_published_and_then_signs_while_the_server_runs() {
    let server = with("ES256").await;
    let desk = Desk::of(&server);
    let tokens = server.register("ada@example.com").await;
    let before = desk.json(&["key", "list"], "");
    assert_eq!(stages(&before), ["signing"]);
    assert_eq!(before[0]["kid"], kid(&tokens.text("access_token")));
    assert_eq!(before[0]["kept_until"], Value::Null);
    assert!(desk.does(&["key", "list"], "").contains("ES256"));

    let new = desk.json(&["key", "rotate"], "");
    assert_eq!(new["stage"], "next");
    eventually("the new key is published", || async { published(&server).await.contains(&new["kid"]) }).await;
    eventually("the new key signs", || async {
        kid(&server.login("ada@example.com").await.text("access_token")) == new["kid"]
    })
    .await;
    let after = desk.json(&["key", "list"], "");
    assert_eq!(stages(&after), ["retired", "signing"]);
    // As long as its longest token lives, and somewhat longer.
    let kept = after[0]["kept_until"].as_i64().unwrap() - after[1]["signs_from"].as_i64().unwrap();
    assert!((7_776_000..7_780_000).contains(&kept), "{kept}");
    server.get("/auth/me", &tokens.text("access_token")).await.expect(200);
    for name in ["access_token", "refresh_token"] {
        let request = server.request(Method::POST, "/auth/token/introspect");
        let request =
            request.bearer_auth(tokens.text("access_token")).json(&json!({"token": tokens.text(name)}));
        assert_eq!(server.send(request).await.json()["active"], true, "{name} of the retired key");
    }
    server.refresh(&tokens.text("refresh_token")).await.expect(200);
}

#[tokio::test]
async fn a_leaked_key_goes_at_once() {
    let server = with("EdDSA").await;
    let desk = Desk::of(&server);
    let tokens = server.register("ada@example.com").await;
    let new = desk.json(&["key", "rotate", "--revoke"], "");
    assert_eq!(
        (&new["stage"], stages(&desk.json(&["key", "list"], ""))),
        (&json!("signing"), vec!["signing"])
    );
    eventually("the old key's tokens are void", || async {
        server.get("/auth/me", &tokens.text("access_token")).await.status == 401
    })
    .await;
    server.refresh(&tokens.text("refresh_token")).await.expect_detail(401, "Invalid refresh token");
    assert_eq!(published(&server).await, [new["kid"].clone()]);
    let again = server.login("ada@example.com").await;
    server.get("/auth/me", &again.text("access_token")).await.expect(200);
}

#[tokio::test]
async fn a_token_of_a_key_that_signs_at_once_is_good_everywhere_at_once() {
    // Their next look at the database is half a minute away.
    let config = "[jwt]\nalgorithm = \"ES256\"\n";
    let one = Setup::new().config(config).start().await;
    let desk = Desk::of(&one);
    one.register("ada@example.com").await.expect(201);
    let new = desk.json(&["key", "rotate", "--now"], "");
    let two = Setup::new().config(config).data_of(&one).start().await;
    let token = two.login("ada@example.com").await.text("access_token");
    assert_eq!(kid(&token), new["kid"]);
    one.get("/auth/me", &token).await.expect(200);
    assert!(published(&one).await.contains(&new["kid"]));
}

#[test]
fn what_cannot_be_rotated_is_said() {
    let desk = Desk::new();
    desk.refuses(&["key", "list"], "", "there is no database");
    desk.create("ada@example.com", &[]);
    desk.refuses(&["key", "rotate"], "", "HS256 signs with the secret");
    assert_eq!(desk.json(&["key", "list"], ""), json!([]));
    assert!(desk.does(&["key", "list"], "").contains("HS256 signs with the secret"));
}
