//! `POST /auth/register`

use axum::http::StatusCode;
use serde_json::json;

use crate::kit::{Behaviour, EMAIL, PASSWORD, TestApp, get, post};

#[tokio::test]
async fn a_new_user_gets_tokens() {
    let app = TestApp::new();
    let body = json!({"email": " Ada@Example.com", "password": PASSWORD, "name": "Ada"});
    let reply = app.send(post("/auth/register").json(&body)).await;

    assert_eq!(reply.status, StatusCode::CREATED);
    assert_eq!(reply.header("cache-control"), "no-store");
    let (access, refresh) = (reply.text("access_token"), reply.text("refresh_token"));
    assert_eq!(
        reply.body,
        format!(
            r#"{{"access_token":"{access}","refresh_token":"{refresh}","token_type":"bearer","expires_in":900}}"#
        )
    );
    let me = app.send(get("/auth/me").bearer(&access)).await.json();
    assert_eq!((me["email"].as_str(), me["name"].as_str()), (Some(EMAIL), Some("Ada")));
}

#[tokio::test]
async fn what_is_refused_is_said() {
    let app = TestApp::new();
    app.register().await;
    let cases = [
        (EMAIL, PASSWORD, r#"409 {"detail":"A user with this email already exists"}"#),
        ("ADA@example.com", PASSWORD, r#"409 {"detail":"A user with this email already exists"}"#),
        ("b@example.com", "short", r#"400 {"detail":"Password must be at least 8 characters long"}"#),
    ];
    for (email, password, expected) in cases {
        let reply =
            app.send(post("/auth/register").json(&json!({"email": email, "password": password}))).await;
        assert_eq!(reply.line(), expected);
    }
}

#[tokio::test]
async fn nobody_asks_the_gate_by_default() {
    let app = TestApp::new();
    app.hooks.will(Behaviour::Fail);
    app.register().await;
}

#[tokio::test]
async fn with_opaque_sessions_the_answer_is_a_session_token() {
    let reply = TestApp::database().register().await;
    let token = reply.text("session_token");
    assert_eq!(
        reply.body,
        format!(r#"{{"session_token":"{token}","token_type":"session","expires_in":2592000}}"#)
    );
}
