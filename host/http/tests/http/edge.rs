//! What happens around every request.

use serde_json::json;

use crate::kit::{Call, EMAIL, PASSWORD, TestApp, get, post};

fn behind_proxy() -> TestApp {
    TestApp::with(|wish| wish.options.trusted_proxies = vec!["10.0.0.0/8".parse().expect("a network")])
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let app = TestApp::new();
    let (one, two) = (app.send(get("/auth/me")).await, app.send(get("/nope")).await);
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
    assert_eq!(one.header("x-request-id").len(), 19);
}

#[tokio::test]
async fn only_a_trusted_proxy_gives_ids() {
    let app = behind_proxy();
    let with_id = |id: &str| get("/healthz").header("x-request-id", id);
    let reply = app.send(with_id("abc-1").peer("10.1.1.1:1")).await;
    assert_eq!(reply.header("x-request-id"), "abc-1");
    for request in
        [with_id("abc-1").peer("192.0.2.1:1"), with_id("abc-1"), with_id("no good").peer("10.1.1.1:1")]
    {
        let reply = app.send(request).await;
        assert_eq!(reply.header("x-request-id").len(), 19);
    }
}

#[tokio::test]
async fn sessions_remember_the_client_and_not_the_proxy() {
    let app = behind_proxy();
    app.register().await;
    let login = |request: Call| app.send(request.json(&json!({"email": EMAIL, "password": PASSWORD})));
    login(post("/auth/login").header("x-forwarded-for", "6.6.6.6, 198.51.100.7").peer("10.1.1.1:1")).await;
    app.clock.advance(1);
    let last = login(post("/auth/login").header("x-forwarded-for", "6.6.6.6").peer("192.0.2.1:1")).await;
    let sessions = app.send(get("/auth/sessions").bearer(&last.text("access_token"))).await.json();
    assert_eq!(sessions[1]["ip_address"], "198.51.100.7");
    assert_eq!(sessions[2]["ip_address"], "192.0.2.1", "a stranger's claim counts for nothing");
}
