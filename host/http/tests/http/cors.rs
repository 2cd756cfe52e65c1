//! Scripts of other origins.

use axum::http::HeaderValue;

use crate::kit::{Call, Reply, TestApp, call, get, post};

const FRIEND: &str = "https://app.example.com";
const STRANGER: &str = "https://evil.example";

fn app(origins: &[&'static str]) -> TestApp {
    TestApp::with(|wish| {
        wish.options.cors_origins = origins.iter().map(|origin| HeaderValue::from_static(origin)).collect();
    })
}

fn preflight(origin: &str, method: &str) -> Call {
    call("OPTIONS", "/auth/login").header("origin", origin).header("access-control-request-method", method)
}

fn allowed(reply: &Reply) -> (&str, &str) {
    (reply.header("access-control-allow-origin"), reply.header("access-control-allow-credentials"))
}

#[tokio::test]
async fn a_friend_may_call() {
    let app = app(&[FRIEND, "http://localhost:3000"]);
    let reply = app.send(get("/auth/me").header("origin", FRIEND)).await;
    assert_eq!(reply.status.as_u16(), 401);
    assert_eq!(allowed(&reply), (FRIEND, "true"));
    assert_eq!(reply.header("vary"), "Origin");

    let asked =
        preflight(FRIEND, "POST").header("access-control-request-headers", "x-csrf-token, content-type");
    let reply = app.send(asked).await;
    assert_eq!(reply.line(), "200 OK");
    assert_eq!(allowed(&reply), (FRIEND, "true"));
    assert_eq!(reply.header("vary"), "Origin");
    assert_eq!(reply.header("access-control-allow-methods"), "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
    assert_eq!(reply.header("access-control-allow-headers"), "x-csrf-token, content-type");
    assert_eq!(reply.header("access-control-max-age"), "600");
    assert_eq!(reply.header("allow"), "");
}

#[tokio::test]
async fn a_stranger_may_not() {
    let app = app(&[FRIEND]);
    for origin in [STRANGER, "null", "https://app.example.com.evil.example", "HTTPS://APP.EXAMPLE.COM"] {
        let reply = app.send(get("/auth/me").header("origin", origin)).await;
        assert_eq!(allowed(&reply), ("", ""), "{origin}");
        assert_eq!(reply.header("vary"), "Origin");
        let reply = app.send(preflight(origin, "POST")).await;
        assert_eq!(reply.line(), "400 Disallowed CORS origin", "{origin}");
        assert_eq!(allowed(&reply), ("", ""), "{origin}");
    }
}

#[tokio::test]
async fn odd_preflights_are_refused() {
    let app = app(&[FRIEND]);
    assert_eq!(app.send(preflight(FRIEND, "BREW")).await.line(), "400 Disallowed CORS method");
    assert_eq!(app.send(preflight(STRANGER, "BREW")).await.line(), "400 Disallowed CORS origin, method");
    let private = preflight(FRIEND, "GET").header("access-control-request-private-network", "true");
    assert_eq!(app.send(private).await.line(), "400 Disallowed CORS private-network");
    let plain = call("OPTIONS", "/auth/login").header("origin", FRIEND);
    assert_eq!(app.send(plain).await.status.as_u16(), 405, "not a preflight");
}

#[tokio::test]
async fn everybody_may_where_the_operator_says_so() {
    let app = app(&["*"]);
    let reply = app.send(get("/auth/me").header("origin", STRANGER)).await;
    assert_eq!(allowed(&reply), ("*", "true"));
    let reply = app.send(get("/auth/me").header("origin", STRANGER).cookie("a", "b")).await;
    assert_eq!(allowed(&reply), (STRANGER, "true"));
    assert_eq!(allowed(&app.send(preflight(STRANGER, "GET")).await), (STRANGER, "true"));
}

#[tokio::test]
async fn without_origins_browsers_are_told_nothing() {
    let app = TestApp::new();
    let reply = app.send(get("/auth/me").header("origin", FRIEND)).await;
    assert_eq!((allowed(&reply), reply.header("vary")), (("", ""), ""));
    assert_eq!(app.send(preflight(FRIEND, "POST")).await.status.as_u16(), 405);
    let reply = app.send(post("/auth/login").body("{")).await;
    assert_eq!(reply.header("vary"), "");
}
