//! Paths and methods that are not in the table, and the probes.

use crate::kit::{TestApp, call, get, post};

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let app = TestApp::new();
    for path in
        ["/", "/auth", "/auth/", "/auth/nope", "/me", "/auth/me/x", "//auth/me", "/auth//me", "/auth/me//"]
    {
        let reply = app.send(get(path)).await;
        assert_eq!(reply.line(), r#"404 {"detail":"Not Found"}"#, "{path}");
        assert!(!reply.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn other_methods_are_named() {
    let app = TestApp::new();
    for (method, path, allow) in [
        ("GET", "/auth/login", "POST"),
        ("POST", "/auth/me", "GET"),
        ("PUT", "/auth/sessions", "GET"),
        ("OPTIONS", "/auth/me", "GET"),
        ("GET", "/auth/sessions/all", "DELETE"),
        ("GET", "/auth/sessions/x", "DELETE"),
        ("POST", "/healthz", "GET, HEAD"),
        ("BREW", "/auth/login", "POST"),
    ] {
        let reply = app.send(call(method, path)).await;
        assert_eq!(reply.line(), r#"405 {"detail":"Method Not Allowed"}"#, "{method} {path}");
        assert_eq!(reply.header("allow"), allow, "{method} {path}");
    }
    let head = app.send(call("HEAD", "/auth/me")).await;
    assert_eq!((head.status.as_u16(), head.header("allow")), (405, "GET"));
}

#[tokio::test]
async fn a_slash_too_many_is_redirected() {
    let app = TestApp::new();
    for (path, target) in [
        ("/auth/login/", "/auth/login"),
        ("/auth/me/?a=b&c", "/auth/me?a=b&c"),
        ("/auth/sessions/x/", "/auth/sessions/x"),
        ("/auth/sessions/%2F%2Fevil.example/", "/auth/sessions/%2F%2Fevil.example"),
    ] {
        let reply = app.send(post(path)).await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (307, target));
    }
    for path in ["//evil.example/", "/auth/nope/", "/\\evil.example/"] {
        assert_eq!(app.send(get(path)).await.status.as_u16(), 404, "{path}");
    }
}

#[tokio::test]
async fn the_prefix_can_be_chosen() {
    for (prefix, path) in [("/api/v1", "/api/v1/me"), ("", "/me"), ("/", "/me"), ("/id/", "/id/me")] {
        let app = TestApp::with(|wish| wish.options.route_prefix = prefix.to_owned());
        assert_eq!(app.send(get(path)).await.status.as_u16(), 401, "{prefix}");
        assert_eq!(app.send(get("/healthz")).await.status.as_u16(), 200);
    }
}

#[tokio::test]
async fn probes_are_outside_of_the_prefix() {
    let app = TestApp::new();
    assert_eq!(app.send(get("/healthz")).await.line(), r#"200 {"status":"ok"}"#);
    assert_eq!(app.send(get("/readyz")).await.line(), r#"200 {"status":"ready"}"#);
    assert_eq!(app.send(call("HEAD", "/healthz")).await.status.as_u16(), 200);
    assert_eq!(app.send(get("/auth/healthz")).await.status.as_u16(), 404);
}
