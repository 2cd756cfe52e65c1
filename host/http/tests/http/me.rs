//! `GET /auth/me`, and with it how a caller proves who they are.

use axum::http::StatusCode;
use serde_json::json;

use crate::kit::{EMAIL, PASSWORD, TestApp, delete, get, post};

const UNKNOWN: &str = r#"401 {"detail":"Not authenticated"}"#;
const NO_CSRF: &str = r#"403 {"detail":"CSRF token missing or invalid"}"#;

#[tokio::test]
async fn the_caller_is_shown_as_stored() {
    let app = TestApp::new();
    let token = app.register().await.text("access_token");
    let user = app.adapters.users.get_user_by_email(EMAIL).await.expect("a store").expect("Ada");
    let reply = app.send(get("/auth/me").bearer(&token)).await;
    assert_eq!(
        reply.line(),
        format!(
            r#"200 {{"id":"{}","email":"{EMAIL}","name":null,"image":null,"email_verified":false,"is_active":true}}"#,
            user.id
        )
    );
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn only_a_good_token_counts() {
    let app = TestApp::new();
    let tokens = app.register().await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    let reply = app.send(get("/auth/me")).await;
    assert_eq!(reply.line(), UNKNOWN);
    assert_eq!(reply.header("www-authenticate"), "Bearer");

    let cases = [
        ("bad bearer", get("/auth/me").bearer("x"), UNKNOWN.to_owned()),
        ("refresh token", get("/auth/me").bearer(&refresh), UNKNOWN.to_owned()),
        (
            "other scheme",
            get("/auth/me").header("authorization", format!("Basic {access}")),
            UNKNOWN.to_owned(),
        ),
        ("bytes", get("/auth/me").header("authorization", b"Bearer \xff\xfe"), UNKNOWN.to_owned()),
        ("junk cookie", get("/auth/me").cookie("access_token", "x"), UNKNOWN.to_owned()),
        ("empty cookie", get("/auth/me").cookie("access_token", ""), UNKNOWN.to_owned()),
        (
            "bad bearer is final",
            get("/auth/me").bearer("x").cookie("access_token", &access),
            UNKNOWN.to_owned(),
        ),
    ];
    for (what, request, expected) in cases {
        assert_eq!(app.send(request).await.line(), expected, "{what}");
    }
    let good = [
        ("bearer", get("/auth/me").bearer(&access)),
        ("any case", get("/auth/me").header("authorization", format!("bEaReR {access}"))),
        ("cookie, in JSON delivery too", get("/auth/me").cookie("access_token", &access)),
        ("bare scheme", get("/auth/me").header("authorization", "Bearer").cookie("access_token", &access)),
        ("bearer wins", get("/auth/me").bearer(&access).cookie("access_token", "x")),
    ];
    for (what, request) in good {
        assert_eq!(app.send(request).await.status, StatusCode::OK, "{what}");
    }
    app.clock.advance(1000);
    assert_eq!(app.send(get("/auth/me").bearer(&access)).await.line(), UNKNOWN, "expired");
}

#[tokio::test]
async fn a_deactivated_account_is_told_so() {
    let app = TestApp::new();
    let token = app.register().await.text("access_token");
    app.deactivate().await;
    let deactivated = r#"401 {"detail":"Account is deactivated"}"#;
    assert_eq!(app.send(get("/auth/me").bearer(&token)).await.line(), deactivated);
    assert_eq!(app.send(get("/auth/me").cookie("access_token", &token)).await.line(), deactivated);
    // The double submit is asked for before the account's state is told.
    let logout = app.send(post("/auth/logout").cookie("access_token", &token)).await;
    assert_eq!(logout.line(), NO_CSRF);
    let logout = app.send(post("/auth/logout").cookie("access_token", &token).csrf("x")).await;
    assert_eq!(logout.line(), deactivated);
}

#[tokio::test]
async fn a_cookie_needs_the_double_submit_where_something_changes() {
    let app = TestApp::new();
    let token = app.register().await.text("access_token");
    let logout = || post("/auth/logout").cookie("access_token", &token);
    let cases = [
        ("nothing", logout(), NO_CSRF),
        ("cookie only", logout().cookie("csrf_token", "s"), NO_CSRF),
        ("header only", logout().header("x-csrf-token", "s"), NO_CSRF),
        ("different", logout().cookie("csrf_token", "s").header("x-csrf-token", "t"), NO_CSRF),
        ("empty", logout().cookie("csrf_token", "").header("x-csrf-token", ""), NO_CSRF),
        ("not ASCII", logout().cookie("csrf_token", "ä").header("x-csrf-token", "ä"), NO_CSRF),
        ("junk token first", post("/auth/logout").cookie("access_token", "x"), UNKNOWN),
        ("a pair", logout().csrf("self-chosen"), r#"200 {"message":"Logged out"}"#),
        ("bearer needs none", post("/auth/logout").bearer(&token), r#"200 {"message":"Logged out"}"#),
    ];
    for (what, request, expected) in cases {
        assert_eq!(app.send(request).await.line(), expected, "{what}");
    }
}

#[tokio::test]
async fn the_double_submit_can_be_renamed_or_switched_off() {
    let app = TestApp::with(|wish| wish.options.csrf.enabled = false);
    let token = app.register().await.text("access_token");
    let reply = app.send(post("/auth/logout").cookie("access_token", &token)).await;
    assert_eq!(reply.status, StatusCode::OK);

    let app = TestApp::with(|wish| {
        wish.options.csrf.cookie_name = "xsrf".to_owned();
        wish.options.csrf.header_name = axum::http::HeaderName::from_static("x-xsrf");
        wish.options.cookies.name_access = "at".to_owned();
    });
    let token = app.register().await.text("access_token");
    let logout = || post("/auth/logout").cookie("at", &token);
    assert_eq!(app.send(logout().csrf("s")).await.line(), NO_CSRF);
    let reply = app.send(logout().cookie("xsrf", "s").header("x-xsrf", "s")).await;
    assert_eq!(reply.status, StatusCode::OK);
}

#[tokio::test]
async fn an_access_token_outlives_its_session_unless_sessions_are_checked() {
    for (check_session, status) in [(false, 200), (true, 401)] {
        let app = TestApp::with(|wish| wish.settings.jwt.check_session = check_session);
        let first = app.register().await.text("access_token");
        let second = app.login().await.text("access_token");
        assert_eq!(app.send(get("/auth/me").bearer(&first)).await.status, 200);

        // One login, from another one.
        let sessions = app.send(get("/auth/sessions").bearer(&second)).await.json();
        let id = sessions[0]["id"].as_str().expect("an id").to_owned();
        app.send(delete(&format!("/auth/sessions/{id}")).bearer(&second)).await;
        assert_eq!(app.send(get("/auth/me").bearer(&first)).await.status, status);
        assert_eq!(app.send(get("/auth/me").bearer(&second)).await.status, 200, "the other goes on");

        // All of them, and a new one in the same second.
        app.send(post("/auth/logout").bearer(&second)).await;
        assert_eq!(app.send(get("/auth/me").bearer(&second)).await.status, status);
        let third = app.login().await;
        assert_eq!(app.send(get("/auth/me").bearer(&third.text("access_token"))).await.status, 200);
        let introspect = |token: &str| {
            let body = json!({"token": token});
            app.send(post("/auth/token/introspect").bearer(&third.text("access_token")).json(&body))
        };
        assert_eq!(introspect(&second).await.json()["active"], !check_session);
        assert_eq!(introspect(&third.text("access_token")).await.json()["active"], true);

        // A new password ends everything, and a refreshed login is still the same one.
        let renewed = app
            .send(post("/auth/refresh").json(&json!({"refresh_token": third.text("refresh_token")})))
            .await;
        let renewed = renewed.text("access_token");
        assert_eq!(app.send(get("/auth/me").bearer(&renewed)).await.status, 200);
        let body = json!({"current_password": PASSWORD, "new_password": "another good one"});
        app.send(post("/auth/account/change-password").bearer(&renewed).json(&body)).await;
        assert_eq!(app.send(get("/auth/me").bearer(&renewed)).await.status, status);
    }
}
