//! The caller's own account, and what is done by mail.

use axum::http::StatusCode;
use hookgate_core::hooks::Denial;
use hookgate_core::settings::Providers;
use serde_json::json;

use crate::kit::{Behaviour, EMAIL, PASSWORD, Reply, TestApp, call, delete, get, post};

const NEW_PASSWORD: &str = "a different horse";

async fn login_with(app: &TestApp, password: &str) -> StatusCode {
    app.send(post("/auth/login").json(&json!({"email": EMAIL, "password": password}))).await.status
}

async fn refresh(app: &TestApp, tokens: &Reply) -> StatusCode {
    let body = json!({"refresh_token": tokens.text("refresh_token")});
    app.send(post("/auth/refresh").json(&body)).await.status
}

#[tokio::test]
async fn a_profile_is_shown_and_changed() {
    let app = TestApp::new();
    let token = app.register().await.text("access_token");
    let put = |body: &str| {
        call("PUT", "/auth/account/profile")
            .bearer(&token)
            .header("content-type", "application/json")
            .body(body)
    };
    let changed = app.send(put(r#"{"name": "Ada L.", "image": null}"#)).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_eq!(changed.json()["name"], "Ada L.");
    assert_eq!(app.send(get("/auth/account/profile").bearer(&token)).await.json(), changed.json());
    for nothing in ["{}", r#"{"name": null}"#] {
        assert_eq!(app.send(put(nothing)).await.line(), r#"400 {"detail":"No fields to update"}"#);
    }
    assert_eq!(app.send(get("/auth/account/profile")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_changed_password_ends_every_login() {
    let app = TestApp::new();
    let first = app.register().await;
    let second = app.login().await;
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        post("/auth/account/change-password").bearer(&second.text("access_token")).json(&body)
    };
    let wrong = app.send(change("nonsense", NEW_PASSWORD)).await;
    assert_eq!(wrong.line(), r#"400 {"detail":"Current password is incorrect"}"#);
    let weak = app.send(change(PASSWORD, "short")).await;
    assert_eq!(weak.line(), r#"400 {"detail":"Password must be at least 8 characters long"}"#);
    let changed = app.send(change(PASSWORD, NEW_PASSWORD)).await;
    assert_eq!(changed.line(), r#"200 {"message":"Password changed successfully"}"#);
    assert_eq!(login_with(&app, PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(login_with(&app, NEW_PASSWORD).await, StatusCode::OK);
    for tokens in [first, second] {
        assert_eq!(refresh(&app, &tokens).await, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn guessing_with_a_stolen_session_locks() {
    let app = TestApp::new();
    let token = app.register().await.text("access_token");
    for _ in 0..5 {
        let body = json!({"current_password": "guess", "new_password": NEW_PASSWORD});
        app.send(post("/auth/account/change-password").bearer(&token).json(&body)).await;
    }
    let body = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    let right = app.send(post("/auth/account/change-password").bearer(&token).json(&body)).await;
    assert_eq!(right.status, StatusCode::BAD_REQUEST);
    assert_eq!(login_with(&app, PASSWORD).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_new_address_counts_when_it_is_proven() {
    let app = TestApp::new();
    let tokens = app.register().await;
    let change = |email: &str, password: &str| {
        let body = json!({"new_email": email, "password": password});
        post("/auth/account/change-email").bearer(&tokens.text("access_token")).json(&body)
    };
    let wrong = app.send(change("new@example.com", "nonsense")).await;
    assert_eq!(wrong.line(), r#"400 {"detail":"Password is incorrect"}"#);
    let asked = app.send(change("New@example.com", PASSWORD)).await;
    assert_eq!(asked.line(), r#"200 {"message":"Confirmation email sent to new address"}"#);
    let token = app.mailed_token().await;
    let me = app.send(get("/auth/me").bearer(&tokens.text("access_token"))).await;
    assert_eq!(me.json()["email"], EMAIL, "nothing changes before the link is followed");

    let path = format!("/auth/account/confirm-email-change?token={token}");
    assert_eq!(app.send(get(&path)).await.line(), r#"200 {"message":"Email changed successfully"}"#);
    let notice = app.letters().await;
    assert_eq!((notice[0].to.as_str(), notice[0].new_email.as_deref()), (EMAIL, Some("new@example.com")));
    assert_eq!(app.send(get(&path)).await.line(), r#"400 {"detail":"Invalid or expired token"}"#);
    assert_eq!(refresh(&app, &tokens).await, StatusCode::UNAUTHORIZED);
    let me = app.send(get("/auth/me").bearer(&tokens.text("access_token"))).await;
    assert_eq!(
        (&me.json()["email"], &me.json()["email_verified"]),
        (&json!("new@example.com"), &json!(true))
    );
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_is_a_conflict() {
    let app = TestApp::new();
    let token = app.register().await.text("access_token");
    let body = json!({"new_email": "new@example.com", "password": PASSWORD});
    app.send(post("/auth/account/change-email").bearer(&token).json(&body)).await;
    let link = app.mailed_token().await;
    let other = json!({"email": "new@example.com", "password": PASSWORD});
    app.send(post("/auth/register").json(&other)).await;
    let taken = r#"409 {"detail":"Email is already in use"}"#;
    assert_eq!(
        app.send(get(&format!("/auth/account/confirm-email-change?token={link}"))).await.line(),
        taken
    );
    assert_eq!(app.send(post("/auth/account/change-email").bearer(&token).json(&body)).await.line(), taken);
}

#[tokio::test]
async fn a_deleted_account_is_gone_for_everything() {
    let app = TestApp::new();
    let tokens = app.register().await;
    let leave = |password: &str| {
        delete("/auth/account").bearer(&tokens.text("access_token")).json(&json!({"password": password}))
    };
    assert_eq!(app.send(leave("nonsense")).await.line(), r#"400 {"detail":"Password is incorrect"}"#);
    assert_eq!(app.send(leave(PASSWORD)).await.line(), r#"200 {"message":"Account deleted successfully"}"#);
    assert_eq!(refresh(&app, &tokens).await, StatusCode::UNAUTHORIZED);
    assert_eq!(login_with(&app, PASSWORD).await, StatusCode::UNAUTHORIZED);
    let me = app.send(get("/auth/me").bearer(&tokens.text("access_token"))).await;
    assert_eq!(me.line(), r#"401 {"detail":"Account is deactivated"}"#);
    let again = json!({"email": EMAIL, "password": PASSWORD});
    assert_eq!(app.send(post("/auth/register").json(&again)).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_address_is_proven_by_link_or_by_token() {
    for by_link in [true, false] {
        let app = TestApp::new();
        let token = app.register().await.text("access_token");
        let asked = app.send(post("/auth/request-verify-email").bearer(&token)).await;
        assert_eq!(asked.line(), r#"200 {"message":"Verification email sent"}"#);
        let link = app.mailed_token().await;
        let follow = || {
            if by_link {
                get(&format!("/auth/verify-email?token={link}"))
            } else {
                post("/auth/verify-email").json(&json!({"token": link}))
            }
        };
        assert_eq!(app.send(follow()).await.line(), r#"200 {"message":"Email verified successfully"}"#);
        let spent = r#"400 {"detail":"Invalid or expired verification token"}"#;
        assert_eq!(app.send(follow()).await.line(), spent);
        let me = app.send(get("/auth/me").bearer(&token)).await;
        assert_eq!(me.json()["email_verified"], true);
    }
    let app = TestApp::new();
    let missing = app.send(get("/auth/verify-email")).await;
    assert_eq!(
        missing.line(),
        r#"422 {"detail":[{"type":"missing","loc":["query","token"],"msg":"Field required"}]}"#
    );
}

#[tokio::test]
async fn a_forgotten_password_is_reset_once() {
    let app = TestApp::new();
    let tokens = app.register().await;
    let forgot = |email: &str| post("/auth/forgot-password").json(&json!({"email": email}));
    let unknown = app.send(forgot("nobody@example.com")).await;
    assert!(app.letters().await.is_empty());
    let known = app.send(forgot(EMAIL)).await;
    assert_eq!(known.line(), unknown.line(), "the answer does not tell");
    let link = app.mailed_token().await;

    let reset =
        |password: &str| post("/auth/reset-password").json(&json!({"token": link, "new_password": password}));
    let weak = app.send(reset("short")).await;
    assert_eq!(weak.line(), r#"400 {"detail":"Password must be at least 8 characters long"}"#);
    assert_eq!(
        app.send(reset(NEW_PASSWORD)).await.line(),
        r#"200 {"message":"Password reset successfully"}"#
    );
    let spent = r#"400 {"detail":"Invalid or expired reset token"}"#;
    assert_eq!(app.send(reset(NEW_PASSWORD)).await.line(), spent);
    assert_eq!(refresh(&app, &tokens).await, StatusCode::UNAUTHORIZED);
    assert_eq!(login_with(&app, NEW_PASSWORD).await, StatusCode::OK);
}

#[tokio::test]
async fn a_reset_lifts_the_lock_and_a_link_ends() {
    let app = TestApp::new();
    app.register().await;
    for _ in 0..5 {
        login_with(&app, "nonsense").await;
    }
    app.send(post("/auth/forgot-password").json(&json!({"email": EMAIL}))).await;
    let link = app.mailed_token().await;
    let reset = json!({"token": link, "new_password": NEW_PASSWORD});
    app.send(post("/auth/reset-password").json(&reset)).await;
    assert_eq!(login_with(&app, NEW_PASSWORD).await, StatusCode::OK);

    app.send(post("/auth/forgot-password").json(&json!({"email": EMAIL}))).await;
    let link = app.mailed_token().await;
    app.clock.advance(30 * 60);
    let late = json!({"token": link, "new_password": NEW_PASSWORD});
    assert_eq!(app.send(post("/auth/reset-password").json(&late)).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_magic_link_signs_in_once_and_makes_the_account_its_readers() {
    let app = TestApp::new();
    // Somebody registered with an address that is not theirs.
    let squatter = app.register().await;
    let ask = post("/auth/magic-links/login").json(&json!({"email": EMAIL}));
    assert_eq!(app.send(ask).await.line(), "200 {\"message\":\"Magic link sent — check your email\"}");
    let path = format!("/auth/magic-links/callback?token={}", app.mailed_token().await);
    let signed_in = app.send(get(&path)).await;
    assert_eq!(signed_in.status, StatusCode::OK);
    let me = app.send(get("/auth/me").bearer(&signed_in.text("access_token"))).await;
    assert_eq!(me.json()["email_verified"], true);
    assert_eq!(app.send(get(&path)).await.line(), r#"401 {"detail":"Invalid or expired magic link"}"#);
    assert_eq!(login_with(&app, PASSWORD).await, StatusCode::UNAUTHORIZED, "the squatter's password is gone");
    assert_eq!(refresh(&app, &signed_in).await, StatusCode::OK);
    assert_eq!(refresh(&app, &squatter).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_magic_link_for_a_new_address_makes_an_account() {
    let app = TestApp::new();
    app.send(post("/auth/magic-links/login").json(&json!({"email": EMAIL}))).await;
    let path = format!("/auth/magic-links/callback?token={}", app.mailed_token().await);
    app.hooks.will(Behaviour::Fail);
    assert_eq!(app.send(get(&path)).await.status, StatusCode::SERVICE_UNAVAILABLE);
    app.hooks.will(Behaviour::Deny(Denial::default()));
    assert_eq!(app.send(get(&path)).await.line(), r#"403 {"detail":"Sign-in not allowed"}"#);
    app.hooks.will(Behaviour::Allow);
    assert_eq!(app.send(get(&path)).await.status, StatusCode::UNAUTHORIZED, "a denied link is spent");
}

#[tokio::test]
async fn deactivated_accounts_get_no_mail() {
    let app = TestApp::new();
    app.register().await;
    app.deactivate().await;
    for path in ["/auth/forgot-password", "/auth/magic-links/login"] {
        assert_eq!(app.send(post(path).json(&json!({"email": EMAIL}))).await.status, StatusCode::OK);
        assert!(app.letters().await.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn the_mailed_reset_link_leads_to_a_page_that_is_on_its_own() {
    let app = TestApp::new();
    let page = app.send(get("/auth/reset-password?token=%22%3E%3Cscript%3Eabc")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    let policy = page.headers["content-security-policy"].to_str().expect("text");
    assert!(
        policy.starts_with("default-src 'none'; ") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert!(!page.body.contains("abc"), "nothing of the address is in the page");
}

#[tokio::test]
async fn ways_in_that_are_not_configured_do_not_exist() {
    let providers = Providers { credentials: false, magic_links: false };
    let app = TestApp::with(|wish| wish.settings.providers = providers);
    let fields = json!({"email": EMAIL, "password": PASSWORD});
    for path in ["/auth/register", "/auth/login"] {
        let answer = app.send(post(path).json(&fields)).await;
        assert_eq!(answer.line(), r#"400 {"detail":"Credentials provider is not configured"}"#, "{path}");
        let invalid = app.send(post(path).json(&json!({"email": EMAIL}))).await;
        assert_eq!(invalid.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    let answer = app.send(post("/auth/magic-links/login").json(&json!({"email": EMAIL}))).await;
    assert_eq!(answer.line(), r#"404 {"detail":"Not Found"}"#);
    let answer = app.send(get("/auth/magic-links/callback?token=x")).await;
    assert_eq!(answer.line(), r#"404 {"detail":"Not Found"}"#);
}
