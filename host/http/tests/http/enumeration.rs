//! Nobody learns who has an account: answers are the same to the byte, and so is the number of passwords
//! hashed, which is what takes time.

use hookgate_core::letter::LetterKind;
use serde_json::{Value, json};

use crate::kit::{EMAIL, PASSWORD, Reply, TestApp, get, post};

const STRANGER: &str = "nobody@example.com";
const WRONG: &str = "a wrong password";

fn quiet() -> TestApp {
    TestApp::with(|wish| wish.settings.security.register_reveals_existing = false)
}

/// All that a client sees.
fn seen(reply: &Reply) -> Vec<String> {
    let mut seen: Vec<_> = reply
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id")
        .map(|(name, value)| format!("{name}: {}", value.to_str().expect("text")))
        .collect();
    seen.sort();
    seen.push(reply.line());
    seen
}

/// What a client sees, and how many passwords were hashed for it.
async fn asked(app: &TestApp, path: &str, body: &Value) -> (Vec<String>, u64) {
    let before = app.hasher.done();
    let reply = app.send(post(path).json(body)).await;
    (seen(&reply), app.hasher.done() - before)
}

/// Registers and proves the address.
async fn registered(app: &TestApp, email: &str) {
    app.send(post("/auth/register").json(&json!({"email": email, "password": PASSWORD}))).await;
    let token = app.mailed_token().await;
    let reply = app.send(get(&format!("/auth/verify-email?token={token}"))).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn links_are_asked_for_alike() {
    let app = TestApp::new();
    app.register().await;
    for path in ["/auth/forgot-password", "/auth/magic-links/login"] {
        let known = asked(&app, path, &json!({"email": EMAIL})).await;
        assert_eq!(known, asked(&app, path, &json!({"email": STRANGER})).await, "{path}");
        assert_eq!(known.1, 0);
    }
    app.deactivate().await;
    for path in ["/auth/forgot-password", "/auth/magic-links/login"] {
        let known = asked(&app, path, &json!({"email": EMAIL})).await;
        let stranger = json!({"email": format!("another-{STRANGER}")});
        assert_eq!(known, asked(&app, path, &stranger).await, "{path}");
    }
}

#[tokio::test]
async fn sign_ins_fail_alike() {
    let app = TestApp::new();
    app.register().await;
    let login = async |email: &str, password: &str| {
        asked(&app, "/auth/login", &json!({"email": email, "password": password})).await
    };
    let known = login(EMAIL, WRONG).await;
    assert!(known.0.last().expect("a line").starts_with("401 "), "{known:?}");
    assert_eq!(known.1, 1);
    assert_eq!(login(STRANGER, WRONG).await, known);
    // Somebody who has no password.
    app.send(post("/auth/magic-links/login").json(&json!({"email": "linked@example.com"}))).await;
    assert_eq!(login("linked@example.com", WRONG).await, known);
    app.deactivate().await;
    assert_eq!(login(EMAIL, PASSWORD).await, known);
}

#[tokio::test]
async fn locks_close_alike() {
    let app = TestApp::new();
    app.register().await;
    let login =
        async |email: &str| asked(&app, "/auth/login", &json!({"email": email, "password": WRONG})).await;
    for _ in 0..6 {
        assert_eq!(login(EMAIL).await, login(STRANGER).await);
    }
    assert_eq!(login(EMAIL).await.1, 0, "a locked account costs nothing");
}

#[tokio::test]
async fn by_default_a_registration_tells_as_in_fastauth() {
    let app = TestApp::new();
    app.register().await;
    let (seen, _) = asked(&app, "/auth/register", &json!({"email": EMAIL, "password": PASSWORD})).await;
    assert_eq!(
        seen.last().map(String::as_str),
        Some(r#"409 {"detail":"A user with this email already exists"}"#)
    );
}

#[tokio::test]
async fn quiet_registrations_are_alike_and_so_are_the_sign_ins_after_them() {
    let app = quiet();
    registered(&app, EMAIL).await;
    let register = async |email: &str, password: &str| {
        asked(&app, "/auth/register", &json!({"email": email, "password": password})).await
    };
    let login = async |email: &str, password: &str| {
        asked(&app, "/auth/login", &json!({"email": email, "password": password})).await
    };
    let known = register(EMAIL, WRONG).await;
    assert_eq!(
        known.0.last().map(String::as_str),
        Some(r#"201 {"message":"Check your email to finish the registration"}"#)
    );
    assert_eq!(known.1, 1);
    assert_eq!(register(STRANGER, WRONG).await, known);
    assert_eq!(register(STRANGER, WRONG).await, known, "not proven yet");
    // With the password of the registration one could try which of the two is new.
    let tried = login(EMAIL, WRONG).await;
    assert!(tried.0.last().expect("a line").starts_with("401 "), "{tried:?}");
    assert_eq!(login(STRANGER, WRONG).await, tried);
    // A password that is refused is refused before anybody looks.
    assert_eq!(register(EMAIL, "short").await, register("new@example.com", "short").await);
    app.deactivate().await;
    assert_eq!(register(EMAIL, WRONG).await, known);
}

#[tokio::test]
async fn the_owner_of_the_mailbox_learns_what_happened() {
    let app = quiet();
    registered(&app, EMAIL).await;
    assert_eq!(app.login().await.status, 200, "a proven address signs in");

    app.send(post("/auth/register").json(&json!({"email": EMAIL, "password": WRONG}))).await;
    let letters = app.letters().await;
    let kinds: Vec<_> = letters.iter().map(|letter| letter.kind).collect();
    assert_eq!(kinds, [LetterKind::AccountExists]);
    assert_eq!(app.login().await.status, 200, "the password stays");
    let url = letters[0].url.clone().expect("a link");
    assert!(url.contains("/reset-password?token="), "{url}");

    // The first mail was lost: the second registration sends another, and the first password counts.
    let stranger = json!({"email": STRANGER, "password": PASSWORD});
    app.send(post("/auth/register").json(&stranger)).await;
    app.letters().await;
    app.send(post("/auth/register").json(&json!({"email": STRANGER, "password": WRONG}))).await;
    let token = app.mailed_token().await;
    app.send(get(&format!("/auth/verify-email?token={token}"))).await;
    assert_eq!(app.send(post("/auth/login").json(&stranger)).await.status, 200);
}

#[tokio::test]
async fn a_reset_proves_the_address_where_that_is_needed() {
    let app = quiet();
    app.send(post("/auth/register").json(&json!({"email": EMAIL, "password": WRONG}))).await;
    app.letters().await;
    app.send(post("/auth/forgot-password").json(&json!({"email": EMAIL}))).await;
    let token = app.mailed_token().await;
    let body = json!({"token": token, "new_password": PASSWORD});
    assert_eq!(app.send(post("/auth/reset-password").json(&body)).await.status, 200);
    assert_eq!(app.login().await.status, 200);
}
