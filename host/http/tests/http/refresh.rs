//! `POST /auth/refresh`

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::kit::{Call, EMAIL, PASSWORD, TestApp, get, post};

const REQUIRED: &str = r#"401 {"detail":"Refresh token required"}"#;
const INVALID: &str = r#"401 {"detail":"Invalid refresh token"}"#;
const REUSED: &str = r#"401 {"detail":"Refresh token has already been used"}"#;

fn refresh(token: &str) -> Call {
    post("/auth/refresh").json(&json!({"refresh_token": token}))
}

#[tokio::test]
async fn a_token_is_good_once_and_its_reuse_ends_all() {
    let app = TestApp::new();
    let first = app.register().await.text("refresh_token");
    let second = app.send(refresh(&first)).await;
    assert_eq!(second.status, StatusCode::OK);
    assert_eq!(second.header("cache-control"), "no-store");
    let second = second.text("refresh_token");
    assert_ne!(first, second);

    let reuse = app.send(refresh(&first)).await;
    assert_eq!(reuse.line(), REUSED);
    assert_eq!(reuse.header("www-authenticate"), "Bearer");
    assert_eq!(app.send(refresh(&second)).await.line(), REUSED);
}

#[tokio::test]
async fn only_a_refresh_token_is_one() {
    let app = TestApp::new();
    let tokens = app.register().await;
    assert_eq!(app.send(refresh("x")).await.line(), INVALID);
    assert_eq!(app.send(refresh(&tokens.text("access_token"))).await.line(), INVALID);
    app.deactivate().await;
    assert_eq!(app.send(refresh(&tokens.text("refresh_token"))).await.line(), INVALID);
}

#[tokio::test]
async fn the_body_may_be_absent_but_not_wrong() {
    let app = TestApp::new();
    for (body, what) in [("", "no body"), ("null", "null"), (r#"{"refresh_token":""}"#, "empty token")] {
        let reply = app.send(post("/auth/refresh").body(body)).await;
        assert_eq!(reply.line(), REQUIRED, "{what}");
    }
    for (body, kind) in [
        ("{}", "missing"),
        (r#"{"refresh_token":null}"#, "string_type"),
        (r#"{"refresh_token":1}"#, "string_type"),
        ("[]", "model_attributes_type"),
        ("\"\"", "model_attributes_type"),
        ("{", "json_invalid"),
    ] {
        let reply = app.send(post("/auth/refresh").body(body)).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(reply.json()["detail"][0]["type"], kind, "{body}");
    }
}

#[tokio::test]
async fn a_cookie_serves_where_the_body_has_none() {
    let app = TestApp::cookie();
    let registered = app.register().await;
    let (token, csrf) = (registered.cookie("refresh_token"), registered.cookie("csrf_token"));
    let by_cookie = || post("/auth/refresh").cookie("refresh_token", &token);

    let forged = app.send(by_cookie()).await;
    assert_eq!(forged.line(), r#"403 {"detail":"CSRF token missing or invalid"}"#);
    let reply = app.send(by_cookie().csrf(&csrf)).await;
    assert_eq!(reply.line(), r#"200 {"message":"Authentication successful"}"#);
    let renewed = reply.cookie("refresh_token");
    assert_ne!(renewed, token);
    assert_ne!(reply.cookie("csrf_token"), csrf);

    // The body wins, and with it no double submit is asked for.
    let by_body = app.send(refresh(&renewed).cookie("refresh_token", &token)).await;
    assert_eq!(by_body.status, StatusCode::OK);
    let bytes = app.send(post("/auth/refresh").header("cookie", b"refresh_token=\xff").csrf("s")).await;
    assert_eq!(bytes.line(), INVALID);
}

#[tokio::test]
async fn remember_me_outlives_a_refresh() {
    let app = TestApp::cookie();
    app.register().await;
    let body = json!({"email": EMAIL, "password": PASSWORD, "remember": "yes"});
    let login = app.send(post("/auth/login").json(&body)).await;
    let refreshed = app.send(refresh(&login.cookie("refresh_token"))).await;
    for reply in [login, refreshed] {
        let cookie = reply.set_cookie("refresh_token").expect("set");
        assert!(cookie.contains("Max-Age=7776000;"), "{cookie}");
    }
}

#[tokio::test]
async fn a_new_access_token_works() {
    let app = TestApp::new();
    let token = app.register().await.text("refresh_token");
    let access = app.send(refresh(&token)).await.text("access_token");
    let me: Value = app.send(get("/auth/me").bearer(&access)).await.json();
    assert_eq!(me["email"], EMAIL);
}
