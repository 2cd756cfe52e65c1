//! The example plugins as the README shows them.

use reqwest::Method;
use serde_json::json;

use crate::kit::{PASSWORD, Server, Setup, claims, example_plugins};

async fn server() -> Server {
    Setup::new().plugins(&example_plugins()).start().await
}

#[tokio::test]
async fn a_plan_is_added_to_the_token() {
    let server = server().await;
    let registered = server.register("ada@example.com").await;
    assert_eq!(claims(&registered.text("access_token"))["plan"], "pro");
    let answer = server.login("ada@example.com").await;
    assert_eq!(claims(&answer.text("access_token"))["plan"], "pro");
    let refreshed = server.refresh(&answer.text("refresh_token")).await;
    assert_eq!(claims(&refreshed.text("access_token"))["plan"], "pro");
}

#[tokio::test]
async fn a_sign_in_from_a_blocked_domain_is_refused_in_the_plugins_words() {
    let server = server().await;
    server.register("eve@blocked.example").await.expect(201);
    let answer = server.login("eve@blocked.example").await;
    answer.expect(403);
    assert_eq!(answer.json()["code"], "email_domain");
    assert!(answer.text("detail").len() > 10, "{answer:?}");
    // A right password with a closed gate opens no session.
    let listed = server.login("ada@example.com").await;
    listed.expect(401);
}

#[tokio::test]
async fn a_session_is_tagged_with_its_device() {
    let setup = Setup::new().config("session_strategy = \"database\"").plugins(&example_plugins());
    let server = setup.start().await;
    server.register("ada@example.com").await.expect(201);
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let login = server
        .request(Method::POST, "/auth/login")
        .header("user-agent", firefox)
        .json(&json!({"email": "ada@example.com", "password": PASSWORD}));
    let token = server.send(login).await.text("session_token");
    let session = server.get("/auth/session", &token).await;
    assert_eq!(session.json()["session"]["device"]["browser"], "Firefox", "{session:?}");
    assert_eq!(session.json()["session"]["device"]["os"], "Linux");
}

#[tokio::test]
async fn a_sign_up_is_written_to_the_audit_log() {
    let server = server().await;
    let answer = server.register("ada@example.com").await;
    let id = claims(&answer.text("access_token"))["sub"].as_str().unwrap().to_owned();
    server.logs(&["signup-audit", "on-signup", &id, answer.header("x-request-id")]).await;
}
