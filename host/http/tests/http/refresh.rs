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

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_can_be_repeated() {
    let app = TestApp::new();
    let first = app.register().await.text("refresh_token");
    let lost = app.send(refresh(&first)).await.text("refresh_token");
    app.clock.advance(5);
    let second = app.send(refresh(&first)).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    // That answer may be lost as well.
    app.clock.advance(5);
    let third = app.send(refresh(&first)).await;
    assert_eq!(third.status, StatusCode::OK, "{}", third.body);
    let me = app.send(get("/auth/me").bearer(&third.text("access_token"))).await;
    assert_eq!(me.status, StatusCode::OK);
    let sessions = app.send(get("/auth/sessions").bearer(&third.text("access_token"))).await;
    assert_eq!(sessions.json().as_array().map(Vec::len), Some(1), "it is one login all the time");

    let fourth = app.send(refresh(&third.text("refresh_token"))).await;
    assert_eq!(fourth.status, StatusCode::OK, "the newest one is good");
    // Whoever has one that was replaced is a second holder.
    assert_eq!(app.send(refresh(&lost)).await.line(), REUSED);
    assert_eq!(app.send(refresh(&fourth.text("refresh_token"))).await.line(), REUSED);
}

#[tokio::test]
async fn a_thief_who_comes_back_in_the_grace_is_found_out_by_the_owner() {
    let app = TestApp::new();
    let stolen = app.register().await.text("refresh_token");
    let owners = app.send(refresh(&stolen)).await.text("refresh_token");
    app.clock.advance(10);
    let thiefs = app.send(refresh(&stolen)).await;
    assert_eq!(thiefs.status, StatusCode::OK);
    app.clock.advance(900);
    assert_eq!(app.send(refresh(&owners)).await.line(), REUSED);
    assert_eq!(app.send(refresh(&thiefs.text("refresh_token"))).await.line(), REUSED);
}

#[tokio::test]
async fn the_grace_is_for_retries_alone() {
    // Too soon: a race. Too late: no retry. In between, but the successor was used.
    for (what, seconds, is_used) in [("soon", 2, false), ("late", 31, false), ("used", 10, true)] {
        let app = TestApp::new();
        let first = app.register().await.text("refresh_token");
        let second = app.send(refresh(&first)).await.text("refresh_token");
        if is_used {
            assert_eq!(app.send(refresh(&second)).await.status, StatusCode::OK);
        }
        app.clock.advance(seconds);
        assert_eq!(app.send(refresh(&first)).await.line(), REUSED, "{what}");
        assert_eq!(app.send(refresh(&second)).await.line(), REUSED, "{what}: and all is over");
    }
    for (seconds, status) in [(3, 200), (30, 200), (31, 401)] {
        let app = TestApp::new();
        let first = app.register().await.text("refresh_token");
        app.send(refresh(&first)).await.text("refresh_token");
        app.clock.advance(seconds);
        assert_eq!(app.send(refresh(&first)).await.status, status, "after {seconds} s");
    }
}

#[tokio::test]
async fn without_a_grace_every_second_use_ends_all() {
    let app = TestApp::with(|wish| wish.settings.jwt.refresh_grace = 0);
    let first = app.register().await.text("refresh_token");
    let second = app.send(refresh(&first)).await.text("refresh_token");
    app.clock.advance(10);
    assert_eq!(app.send(refresh(&first)).await.line(), REUSED);
    assert_eq!(app.send(refresh(&second)).await.line(), REUSED);
}

#[tokio::test]
async fn what_was_signed_out_does_not_come_back_by_the_grace() {
    let app = TestApp::new();
    let tokens = app.register().await;
    let first = tokens.text("refresh_token");
    let second = app.send(refresh(&first)).await;
    app.send(post("/auth/logout").bearer(&second.text("access_token"))).await;
    app.clock.advance(10);
    assert_eq!(app.send(refresh(&first)).await.line(), REUSED);
}

#[tokio::test]
async fn of_racing_retries_one_wins() {
    let app = TestApp::new();
    let first = app.register().await.text("refresh_token");
    app.send(refresh(&first)).await.text("refresh_token");
    app.clock.advance(5);
    let call = || app.send(refresh(&first));
    let (a, b, c, d) = tokio::join!(call(), call(), call(), call());
    let replies = [a, b, c, d];
    let winners: Vec<_> = replies.iter().filter(|reply| reply.status == StatusCode::OK).collect();
    assert!(!winners.is_empty());
    // However many answers there were: one token is live at most.
    let mut live = 0;
    for winner in winners {
        live += usize::from(app.send(refresh(&winner.text("refresh_token"))).await.status == StatusCode::OK);
    }
    assert!(live <= 1, "{live}");
}
