//! `/auth/sessions`, `/auth/session` and `/auth/token`

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::kit::{Behaviour, EMAIL, PASSWORD, TestApp, delete, get, post};

#[tokio::test]
async fn each_login_is_listed() {
    let app = TestApp::new();
    app.register().await;
    let login = post("/auth/login")
        .json(&json!({"email": EMAIL, "password": PASSWORD}))
        .header("user-agent", "test/1")
        .peer("192.0.2.7:4711");
    let token = app.send(login).await.text("access_token");

    let reply = app.send(get("/auth/sessions").bearer(&token)).await;
    assert_eq!(reply.status, StatusCode::OK);
    let list = reply.json();
    let (first, second) = (&list[0], &list[1]);
    assert_eq!((&first["ip_address"], &first["user_agent"]), (&Value::Null, &Value::Null));
    assert_eq!((&second["ip_address"], &second["user_agent"]), (&json!("192.0.2.7"), &json!("test/1")));
    assert!(reply.body.starts_with(&format!(
        r#"[{{"id":{},"user_id":{},"ip_address":null,"#,
        first["id"], first["user_id"]
    )));
    assert_eq!(list.as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn one_or_all_can_be_ended() {
    let app = TestApp::new();
    let first = app.register().await;
    let token = app.login().await.text("access_token");
    let list = app.send(get("/auth/sessions").bearer(&token)).await.json();
    let id = list[0]["id"].as_str().expect("an id");

    let path = format!("/auth/sessions/{id}");
    let gone = r#"404 {"detail":"Session not found"}"#;
    assert_eq!(app.send(delete(&path).bearer(&token)).await.line(), r#"200 {"message":"Session revoked"}"#);
    assert_eq!(app.send(delete(&path).bearer(&token)).await.line(), gone);
    let refresh = json!({"refresh_token": first.text("refresh_token")});
    assert_eq!(app.send(post("/auth/refresh").json(&refresh)).await.status, StatusCode::UNAUTHORIZED);

    let all = app.send(delete("/auth/sessions/all").bearer(&token)).await;
    assert_eq!(all.line(), r#"200 {"message":"All sessions revoked"}"#);
    assert_eq!(app.send(get("/auth/sessions").bearer(&token)).await.line(), "200 []");
}

#[tokio::test]
async fn somebody_elses_session_is_not_found() {
    let app = TestApp::new();
    app.register().await;
    let token = app.login().await.text("access_token");
    let body = json!({"email": "eve@example.com", "password": PASSWORD});
    let eve = app.send(post("/auth/register").json(&body)).await.text("access_token");
    let list = app.send(get("/auth/sessions").bearer(&token)).await.json();
    let path = format!("/auth/sessions/{}", list[0]["id"].as_str().expect("an id"));
    let reply = app.send(delete(&path).bearer(&eve)).await;
    assert_eq!(reply.line(), r#"404 {"detail":"Session not found"}"#);
}

#[tokio::test]
async fn odd_ids_are_not_found() {
    let app = TestApp::new();
    let token = app.register().await.text("access_token");
    for id in ["x", "%00", "%F0%9F%A6%80", "a%2Fb", "..", "%"] {
        let reply = app.send(delete(&format!("/auth/sessions/{id}")).bearer(&token)).await;
        assert_eq!(reply.line(), r#"404 {"detail":"Session not found"}"#, "{id}");
    }
    let reply = app.send(delete("/auth/sessions/%ff").bearer(&token)).await;
    assert_eq!(reply.line(), r#"404 {"detail":"Not Found"}"#);
}

#[tokio::test]
async fn the_current_session_shows_what_plugins_added() {
    let app = TestApp::database();
    app.hooks.will(Behaviour::AddToSession("tenant", json!("blue")));
    let token = app.register().await.text("session_token");
    let reply = app.send(get("/auth/session").bearer(&token)).await;
    assert_eq!(reply.status, StatusCode::OK);
    let body = reply.json();
    assert_eq!(body["user"]["email"], EMAIL);
    let session = &body["session"];
    assert_eq!(session["tenant"], "blue");
    assert_eq!(session["user_id"], body["user"]["id"]);
    assert_eq!(
        (session["created_at"].as_i64(), session["expires_at"].as_i64()),
        (Some(1_700_000_000), Some(1_702_592_000))
    );
    assert!(reply.body.starts_with(r#"{"user":{"id":"#));
    assert!(!reply.body.contains(&token));
}

#[tokio::test]
async fn an_access_token_outlives_its_session() {
    let app = TestApp::new();
    let token = app.register().await.text("access_token");
    assert_eq!(app.send(get("/auth/session").bearer(&token)).await.status, StatusCode::OK);
    app.send(delete("/auth/sessions/all").bearer(&token)).await;
    let reply = app.send(get("/auth/session").bearer(&token)).await;
    assert_eq!(reply.line(), r#"404 {"detail":"Session not found"}"#);
}

#[tokio::test]
async fn a_jwt_for_other_services_is_made_on_demand() {
    let app = TestApp::database();
    let session = app.register().await.text("session_token");
    let reply = app.send(post("/auth/token").bearer(&session)).await;
    let token = reply.text("access_token");
    assert_eq!(
        reply.line(),
        format!(r#"200 {{"access_token":"{token}","token_type":"bearer","expires_in":900}}"#)
    );
    assert_eq!(token.split('.').count(), 3);
    let here = app.send(get("/auth/me").bearer(&token)).await;
    assert_eq!(here.status, StatusCode::UNAUTHORIZED, "it is for others");

    let app = TestApp::new();
    let token = app.register().await.text("access_token");
    let reply = app.send(post("/auth/token").bearer(&token)).await;
    assert_eq!(reply.line(), r#"400 {"detail":"Not available with the configured session strategy"}"#);
}
