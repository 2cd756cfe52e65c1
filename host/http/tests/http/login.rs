//! `POST /auth/login` and `POST /auth/logout`

use std::time::Duration;

use axum::http::StatusCode;
use hookgate_core::hooks::Denial;
use serde_json::json;

use crate::kit::{Behaviour, EMAIL, PASSWORD, TestApp, get, post};

const REFUSED: &str = r#"401 {"detail":"Invalid email or password"}"#;

#[tokio::test]
async fn the_right_password_opens() {
    let app = TestApp::new();
    app.register().await;
    let reply = app.login().await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.json()["token_type"], "bearer");
    assert_eq!(reply.header("cache-control"), "no-store");
}

#[tokio::test]
async fn every_refusal_sounds_the_same() {
    let app = TestApp::new();
    app.register().await;
    let login = |email: &str, password: &str| {
        app.send(post("/auth/login").json(&json!({"email": email, "password": password})))
    };
    let unknown = login("b@example.com", PASSWORD).await;
    assert_eq!(unknown.line(), REFUSED);
    assert_eq!(unknown.header("www-authenticate"), "Bearer");
    for _ in 0..5 {
        assert_eq!(login(EMAIL, "wrong password").await.line(), REFUSED);
    }
    assert_eq!(login(EMAIL, PASSWORD).await.line(), REFUSED, "locked");
    app.clock.advance(1000);
    assert_eq!(login(EMAIL, PASSWORD).await.status, StatusCode::OK);
    app.deactivate().await;
    assert_eq!(login(EMAIL, PASSWORD).await.line(), REFUSED, "deactivated");
}

#[tokio::test]
async fn a_plugin_may_refuse() {
    let app = TestApp::new();
    app.register().await;
    app.hooks.will(Behaviour::Deny(Denial { reason: Some("private".into()), ..Denial::default() }));
    assert_eq!(app.login().await.line(), r#"403 {"detail":"Sign in not allowed"}"#);

    app.hooks.will(Behaviour::Deny(Denial {
        code: Some("region".into()),
        message: Some("Not from there".into()),
        ..Denial::default()
    }));
    assert_eq!(app.login().await.line(), r#"403 {"detail":"Not from there","code":"region"}"#);
}

#[tokio::test]
async fn a_failing_plugin_lets_nobody_in() {
    let app = TestApp::new();
    app.register().await;
    app.hooks.will(Behaviour::Fail);
    let reply = app.login().await;
    assert_eq!(reply.line(), r#"503 {"detail":"Sign in is not possible at the moment: a hook failed"}"#);
    assert_eq!(reply.header("retry-after"), "1");
    app.hooks.will(Behaviour::Allow);
    assert_eq!(app.login().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_panic_costs_one_request() {
    let app = TestApp::new();
    app.register().await;
    app.hooks.will(Behaviour::Panic);
    let reply = app.login().await;
    assert_eq!(reply.line(), r#"500 {"detail":"Internal Server Error"}"#);
    assert!(!reply.header("x-request-id").is_empty());
    app.hooks.will(Behaviour::Allow);
    assert_eq!(app.login().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_request_ends_in_time() {
    let app = TestApp::with(|wish| wish.options.request_timeout = Duration::from_millis(200));
    app.register().await;
    app.hooks.will(Behaviour::Hang);
    assert_eq!(app.login().await.line(), r#"503 {"detail":"The request took too long"}"#);
}

#[tokio::test]
async fn logout_ends_the_refresh_token() {
    let app = TestApp::new();
    let tokens = app.register().await;
    let logout = app.send(post("/auth/logout").bearer(&tokens.text("access_token"))).await;
    assert_eq!(logout.line(), r#"200 {"message":"Logged out"}"#);
    assert_eq!(logout.set_cookie("access_token"), None);

    let refresh = json!({"refresh_token": tokens.text("refresh_token")});
    let reply = app.send(post("/auth/refresh").json(&refresh)).await;
    assert_eq!(reply.line(), r#"401 {"detail":"Refresh token has already been used"}"#);
}

#[tokio::test]
async fn logout_ends_an_opaque_session_at_once() {
    let app = TestApp::database();
    let token = app.register().await.text("session_token");
    assert_eq!(app.send(get("/auth/me").bearer(&token)).await.status, StatusCode::OK);
    app.send(post("/auth/logout").bearer(&token)).await;
    assert_eq!(app.send(get("/auth/me").bearer(&token)).await.status, StatusCode::UNAUTHORIZED);
}
