//! What is done by mail, from the request to the link's end.

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{Answer, Mailbox, PASSWORD, Plugins, Server};

const ADA: &str = "ada@example.com";
const NEW_PASSWORD: &str = "a different horse";
const MAGIC_LINKS: &str = "[[providers]]\ntype = \"credentials\"\n[[providers]]\ntype = \"magic_links\"\n";

/// Follows a mailed link as a browser would, without credentials.
async fn follow(server: &Server, link: &str) -> Answer {
    server.send(server.request(Method::GET, link)).await
}

async fn post_with(server: &Server, token: &str, path: &str, body: Value) -> Answer {
    server.send(server.request(Method::POST, path).bearer_auth(token).json(&body)).await
}

async fn ask_for_magic_link(server: &Server, email: &str) {
    let answer = server.post("/auth/magic-links/login", json!({"email": email})).await;
    assert_eq!((answer.status, answer.text("message").as_str()), (200, "Magic link sent — check your email"));
}

#[tokio::test]
async fn a_mailed_link_proves_the_address_once() {
    let mailbox = Mailbox::new();
    let server = mailbox.setup().start().await;
    let token = server.register(ADA).await.text("access_token");
    let answer = post_with(&server, &token, "/auth/request-verify-email", json!({})).await;
    assert_eq!(answer.text("message"), "Verification email sent");
    let mail = mailbox.next().await;
    assert_eq!((mail.text("to"), mail.text("subject")), (ADA, "Verify your email address"));
    assert!(mail.text("body_text").contains("24 hours"), "{mail:?}");
    assert!(mail.link().starts_with("/auth/verify-email?token="), "{mail:?}");

    assert_eq!(follow(&server, &mail.link()).await.text("message"), "Email verified successfully");
    assert_eq!(server.get("/auth/me", &token).await.json()["email_verified"], true);
    follow(&server, &mail.link()).await.expect_detail(400, "Invalid or expired verification token");
    assert!(!server.log.text().contains(&mail.token()), "links are not logged");
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_mail() {
    let mailbox = Mailbox::new();
    let server = mailbox.setup().start().await;
    server.register(ADA).await.expect(201);
    let known = server.post("/auth/forgot-password", json!({"email": ADA})).await;
    let unknown = server.post("/auth/forgot-password", json!({"email": "nobody@example.com"})).await;
    assert_eq!((known.status, &known.body), (200, &unknown.body));
    assert_eq!(unknown.status, 200);
    assert_eq!(known.text("message"), "If the email exists, a reset link has been sent");
    assert!(known.headers.keys().eq(unknown.headers.keys()), "{known:?} {unknown:?}");

    let mail = mailbox.next().await;
    assert_eq!((mail.text("to"), mail.text("subject")), (ADA, "Reset your password"));
    assert!(mail.text("body_text").contains("30 minutes"), "{mail:?}");
    let page = follow(&server, &mail.link()).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{page:?}");

    let reset = |password: &str| {
        server.post("/auth/reset-password", json!({"token": mail.token(), "new_password": password}))
    };
    reset("short").await.expect_detail(400, "Password must be at least 8 characters long");
    assert_eq!(reset(NEW_PASSWORD).await.text("message"), "Password reset successfully");
    reset(NEW_PASSWORD).await.expect_detail(400, "Invalid or expired reset token");
    server.login(ADA).await.expect(401);
    server.post("/auth/login", json!({"email": ADA, "password": NEW_PASSWORD})).await.expect(200);
    assert_eq!(mailbox.count(), 1, "nobody@example.com got none");
}

#[tokio::test]
async fn a_new_address_is_proven_and_the_old_one_told() {
    let mailbox = Mailbox::new();
    let server = mailbox.setup().start().await;
    let token = server.register(ADA).await.text("access_token");
    let body = json!({"new_email": "ada@new.example", "password": PASSWORD});
    post_with(&server, &token, "/auth/account/change-email", body).await.expect(200);
    let mail = mailbox.next().await;
    assert_eq!(
        (mail.text("to"), mail.text("subject")),
        ("ada@new.example", "Confirm your new email address")
    );
    server.login(ADA).await.expect(200);

    let answer = follow(&server, &mail.link()).await;
    assert_eq!(answer.text("message"), "Email changed successfully");
    follow(&server, &mail.link()).await.expect_detail(400, "Invalid or expired token");
    let notice = mailbox.next().await;
    assert_eq!((notice.text("to"), notice.text("subject")), (ADA, "Your email address was changed"));
    assert!(notice.text("body_text").contains("ada@new.example"), "{notice:?}");
    server.login(ADA).await.expect(401);
    server.login("ada@new.example").await.expect(200);
}

#[tokio::test]
async fn a_magic_link_signs_in_new_and_known_users_once() {
    let mailbox = Mailbox::new();
    let server = mailbox.setup().config(MAGIC_LINKS).start().await;
    server.register(ADA).await.expect(201);
    for email in [ADA, "new@example.com"] {
        ask_for_magic_link(&server, email).await;
        let mail = mailbox.next().await;
        assert_eq!((mail.text("to"), mail.text("subject")), (email, "Log In to your account"));
        assert!(mail.text("body_text").contains("15 minutes"), "{mail:?}");
        let answer = follow(&server, &mail.link()).await;
        let me = server.get("/auth/me", &answer.text("access_token")).await.json();
        assert_eq!((me["email"].as_str(), me["email_verified"].as_bool()), (Some(email), Some(true)));
        follow(&server, &mail.link()).await.expect_detail(401, "Invalid or expired magic link");
    }
}

#[tokio::test]
async fn a_plugin_may_refuse_a_magic_link_which_is_spent_then() {
    let mailbox = Mailbox::new();
    let plugins = Plugins::with("deny-all");
    let server = mailbox.setup().config(MAGIC_LINKS).plugins(plugins.path()).start().await;
    ask_for_magic_link(&server, ADA).await;
    let link = mailbox.next().await.link();
    follow(&server, &link).await.expect_detail(403, "This account is closed.");
    follow(&server, &link).await.expect_detail(401, "Invalid or expired magic link");
}

#[tokio::test]
async fn links_follow_address_and_prefix_and_say_their_lifetime() {
    let mailbox = Mailbox::new();
    let config = "route_prefix = \"/api\"\n[[providers]]\ntype = \"magic_links\"\nmax_age = 120\n";
    let server = mailbox.setup().config(config).start().await;
    server.post("/api/magic-links/login", json!({"email": ADA})).await.expect(200);
    let mail = mailbox.next().await;
    assert!(mail.link().starts_with("/api/magic-links/callback?token="), "{mail:?}");
    assert!(mail.text("body_text").contains("2 minutes"), "{mail:?}");
    follow(&server, &mail.link()).await.expect(200);
    let fields = json!({"email": ADA, "password": PASSWORD});
    for path in ["/api/register", "/api/login"] {
        let answer = server.post(path, fields.clone()).await;
        answer.expect_detail(400, "Credentials provider is not configured");
    }
}

#[tokio::test]
async fn magic_links_exist_only_as_a_provider() {
    let server = Server::start().await;
    server.post("/auth/magic-links/login", json!({"email": ADA})).await.expect_detail(404, "Not Found");
    follow(&server, "/auth/magic-links/callback?token=x").await.expect_detail(404, "Not Found");
}

#[tokio::test]
async fn a_magic_link_is_good_for_as_long_as_the_operator_says() {
    let mailbox = Mailbox::new();
    let config = "[[providers]]\ntype = \"magic_links\"\nmax_age = 1\n";
    let server = mailbox.setup().config(config).start().await;
    ask_for_magic_link(&server, ADA).await;
    let mail = mailbox.next().await;
    assert!(mail.text("body_text").contains("less than a minute"), "{mail:?}");
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    follow(&server, &mail.link()).await.expect_detail(401, "Invalid or expired magic link");
}
