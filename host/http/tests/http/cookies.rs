//! Tokens delivered in cookies.

use axum::http::{StatusCode, header};
use hookgate_core::settings::SessionStrategy;
use hookgate_http::{SameSite, TokenDelivery};
use serde_json::json;

use crate::kit::{EMAIL, PASSWORD, TestApp, get, post};

#[tokio::test]
async fn tokens_come_in_cookies_and_nowhere_else() {
    let app = TestApp::cookie();
    let reply = app.register().await;
    assert_eq!(reply.body, r#"{"message":"Authentication successful"}"#);
    assert_eq!(reply.status, StatusCode::CREATED);
    let (access, refresh, csrf) =
        (reply.cookie("access_token"), reply.cookie("refresh_token"), reply.cookie("csrf_token"));
    let set: Vec<_> = reply.headers.get_all(header::SET_COOKIE).iter().collect();
    assert_eq!(
        set,
        [
            &*format!("access_token={access}; HttpOnly; Max-Age=900; Path=/; SameSite=lax; Secure"),
            &*format!("refresh_token={refresh}; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax; Secure"),
            &*format!("csrf_token={csrf}; Max-Age=2592000; Path=/; SameSite=lax; Secure"),
        ]
    );
    assert_eq!(csrf.len(), 43);
    assert_eq!(app.send(get("/auth/me").cookie("access_token", &access)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn remember_me_lengthens_the_refresh_and_csrf_cookies() {
    let app = TestApp::cookie();
    app.register().await;
    let body = json!({"email": EMAIL, "password": PASSWORD, "remember": true});
    let reply = app.send(post("/auth/login").json(&body)).await;
    for (name, age) in [("access_token", 900), ("refresh_token", 7_776_000), ("csrf_token", 7_776_000)] {
        let cookie = reply.set_cookie(name).expect("set");
        assert!(cookie.contains(&format!("; Max-Age={age};")), "{cookie}");
    }
}

#[tokio::test]
async fn logout_clears_them() {
    let app = TestApp::with(|wish| {
        wish.options.token_delivery = TokenDelivery::Cookie;
        wish.options.cookies.domain = Some("example.com".to_owned());
        wish.options.cookies.samesite = SameSite::Strict;
        wish.options.cookies.secure = false;
    });
    let token = app.register().await.cookie("access_token");
    let reply = app.send(post("/auth/logout").cookie("access_token", &token).csrf("s")).await;
    assert_eq!(reply.line(), r#"200 {"message":"Logged out"}"#);
    for name in ["access_token", "refresh_token", "csrf_token"] {
        assert_eq!(reply.cookie(name), "\"\"");
        let cookie = reply.set_cookie(name).expect("set");
        assert!(cookie.contains("; Domain=example.com;") && cookie.contains("; Max-Age=0;"), "{cookie}");
        assert!(cookie.ends_with("; Path=/; SameSite=strict"), "{cookie}");
    }
}

#[tokio::test]
async fn an_opaque_session_token_takes_the_access_cookie() {
    let app = TestApp::with(|wish| {
        wish.options.token_delivery = TokenDelivery::Cookie;
        wish.settings.session_strategy = SessionStrategy::Database;
    });
    let reply = app.register().await;
    assert_eq!(reply.body, r#"{"message":"Authentication successful"}"#);
    assert_eq!(reply.set_cookie("refresh_token"), None);
    let token = reply.cookie("access_token");
    let cookie = reply.set_cookie("access_token").expect("set");
    assert!(cookie.contains("; HttpOnly; Max-Age=2592000;"), "{cookie}");
    assert!(reply.set_cookie("csrf_token").expect("set").contains("; Max-Age=2592000;"));
    assert_eq!(app.send(get("/auth/me").cookie("access_token", &token)).await.status, StatusCode::OK);
    let logout = app.send(post("/auth/logout").cookie("access_token", &token)).await;
    assert_eq!(logout.status, StatusCode::FORBIDDEN);
}
