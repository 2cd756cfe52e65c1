//! Bodies that are not what a route asks for.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::kit::{PASSWORD, TestApp, post};

async fn detail(app: &TestApp, path: &str, body: &str) -> Value {
    let reply = app.send(post(path).body(body)).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}: {}", reply.body);
    reply.json()["detail"].clone()
}

#[tokio::test]
async fn broken_json_is_shown_its_place() {
    let app = TestApp::new();
    let reply = app.send(post("/auth/login").body(r#"{"email": }"#)).await;
    assert_eq!(
        reply.line(),
        r#"422 {"detail":[{"type":"json_invalid","loc":["body",10],"msg":"JSON decode error","ctx":{"error":"Expecting value"}}]}"#
    );
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let app = TestApp::new();
    let missing = json!([{"type": "missing", "loc": ["body"], "msg": "Field required"}]);
    let no_object = json!([{
        "type": "model_attributes_type",
        "loc": ["body"],
        "msg": "Input should be a valid dictionary or object to extract fields from"
    }]);
    for path in ["/auth/register", "/auth/login"] {
        for body in ["", "null"] {
            assert_eq!(detail(&app, path, body).await, missing, "{path} {body}");
        }
        for body in ["[]", "1", "\"x\"", "true"] {
            assert_eq!(detail(&app, path, body).await, no_object, "{path} {body}");
        }
    }
    for content_type in ["text/plain", "application/x-www-form-urlencoded"] {
        let reply = app.send(post("/auth/login").header("content-type", content_type).body("{}")).await;
        assert_eq!(reply.json()["detail"], no_object, "{content_type}");
    }
}

#[tokio::test]
async fn all_fields_are_checked_in_order() {
    let app = TestApp::new();
    let missing = |name: &str| json!({"type": "missing", "loc": ["body", name], "msg": "Field required"});
    assert_eq!(detail(&app, "/auth/login", "{}").await, json!([missing("email"), missing("password")]));
    let body = json!({"email": "a@b", "password": 1, "name": false}).to_string();
    let reason = "The part after the @-sign is not valid. It should have a period.";
    let no_string = |name: &str| json!({"type": "string_type", "loc": ["body", name], "msg": "Input should be a valid string"});
    assert_eq!(
        detail(&app, "/auth/register", &body).await,
        json!([
            {
                "type": "value_error",
                "loc": ["body", "email"],
                "msg": format!("value is not a valid email address: {reason}"),
                "ctx": {"reason": reason}
            },
            no_string("password"),
            no_string("name"),
        ])
    );
}

#[tokio::test]
async fn no_answer_repeats_the_password() {
    let app = TestApp::new();
    let body = json!({"email": 1, "password": PASSWORD, "remember": {}});
    let reply = app.send(post("/auth/login").json(&body)).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!reply.body.contains("horse"), "{}", reply.body);
}

#[tokio::test]
async fn hostile_bodies_are_refused_in_peace() {
    let app = TestApp::with(|wish| wish.options.body_limit_bytes = 300_000);
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let unreadable = r#"400 {"detail":"There was an error parsing the body"}"#;
    for body in [&b"\xff"[..], br#"{"email":"\ud800"}"#, br#"{"x":1e999}"#, deep.as_bytes()] {
        assert_eq!(app.send(post("/auth/login").body(body)).await.line(), unreadable);
    }
    let reply = app.send(post("/auth/login").body(vec![b'['; 300_001])).await;
    assert_eq!(reply.line(), r#"413 {"detail":"Content Too Large"}"#);
    let nul = json!({"email": "a\0@example.com", "password": "\0"});
    assert_eq!(app.send(post("/auth/login").json(&nul)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let long = json!({"email": "a@example.com", "password": "\0".repeat(10_000)});
    assert_eq!(app.send(post("/auth/login").json(&long)).await.status, StatusCode::UNAUTHORIZED);
}
