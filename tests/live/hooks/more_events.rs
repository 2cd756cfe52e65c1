//! The events that FastAuth lacks, and those of the operator's command line: one table each.

use reqwest::Method;
use serde_json::json;

use crate::kit::{Desk, Mailbox, PASSWORD, Plugins, Server, Setup, claims, eventually, guest};

const ADA: &str = "ada@example.com";

/// Does things of which plugins are told: what they are told, and the text that comes with it.
struct Told<'a> {
    server: &'a Server,
    user: String,
}

impl Told<'_> {
    async fn of(&self, hook: &str, about: &str) {
        let about = format!("about={about}");
        self.server.logs(&["all-hooks", &format!("{hook} {}", self.user), &about]).await;
    }

    fn times(&self, hook: &str) -> usize {
        self.server.log.count(&["all-hooks", &format!("{hook} {}", self.user)])
    }
}

fn subject(token: &str) -> String {
    claims(token)["sub"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn wrong_passwords_are_told_and_so_is_the_lock() {
    let plugins = Plugins::with("all-hooks");
    let setup = Setup::new().config("[security]\nmax_login_attempts = 2\n");
    let server = setup.plugins(plugins.path()).start().await;
    let user = subject(&server.register(ADA).await.text("access_token"));
    let told = Told { server: &server, user };
    let wrong = json!({"email": ADA, "password": "not this one"});
    for _ in 0..4 {
        server.post("/auth/login", wrong.clone()).await.expect(401);
    }
    server.post("/auth/login", json!({"email": "nobody@example.com", "password": "x"})).await.expect(401);
    told.of("on-signin-failed", "password").await;
    told.of("on-lockout", "").await;
    assert_eq!((told.times("on-signin-failed"), told.times("on-lockout")), (2, 1), "until it is locked");
}

#[tokio::test]
async fn a_denial_is_a_failed_sign_in() {
    let plugins = Plugins::with("all-hooks");
    let server = Setup::new().plugins(plugins.path()).start().await;
    let user = subject(&server.register(ADA).await.text("access_token"));
    plugins.put("deny-all", &guest("deny-all"));
    server.logs(&["deny-all", "plugin loaded"]).await;
    eventually("the new plugin denies", || async { server.login(ADA).await.status == 403 }).await;
    Told { server: &server, user }.of("on-signin-failed", "denied").await;
}

#[tokio::test]
async fn changes_of_an_account_are_told() {
    let mailbox = Mailbox::new();
    let plugins = Plugins::with("all-hooks");
    let server = mailbox.setup().plugins(plugins.path()).start().await;
    let first = server.register(ADA).await;
    let token = first.text("access_token");
    let told = Told { server: &server, user: subject(&token) };
    let session = claims(&token)["sid"].as_str().unwrap().to_owned();

    server.refresh(&first.text("refresh_token")).await.expect(200);
    server.delete(&format!("/auth/sessions/{session}"), &token).await.expect(200);
    told.of("on-session-revoke", &session).await;
    let second = server.login(ADA).await.text("access_token");
    server.delete("/auth/sessions/all", &second).await.expect(200);
    eventually("all sessions are told", || async { told.times("on-session-revoke") == 2 }).await;

    let change = json!({"new_email": "grace@example.com", "password": PASSWORD});
    let request = server.request(Method::POST, "/auth/account/change-email").bearer_auth(&second);
    server.send(request.json(&change)).await.expect(200);
    let link = mailbox.next().await.link();
    server.send(server.request(Method::GET, &link)).await.expect(200);
    told.of("on-email-change", ADA).await;

    let token = server.login("grace@example.com").await.text("access_token");
    let change = json!({"current_password": PASSWORD, "new_password": "a different horse"});
    let request = server.request(Method::POST, "/auth/account/change-password").bearer_auth(&token);
    server.send(request.json(&change)).await.expect(200);
    told.of("on-password-change", "").await;

    let request = server.request(Method::DELETE, "/auth/account").bearer_auth(&token);
    server.send(request.json(&json!({"password": "a different horse"}))).await.expect(200);
    told.of("on-account-delete", "").await;
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_is_told() {
    let plugins = Plugins::with("all-hooks");
    let server = Setup::new().plugins(plugins.path()).start().await;
    let first = server.register(ADA).await;
    let told = Told { server: &server, user: subject(&first.text("access_token")) };
    let next = server.refresh(&first.text("refresh_token")).await;
    // Used, so that no lost answer explains the first one's return.
    server.refresh(&next.text("refresh_token")).await.expect(200);
    server.refresh(&first.text("refresh_token")).await.expect(401);
    told.of("on-refresh-reuse", "").await;
}

#[tokio::test]
async fn the_command_line_fires_the_same_events() {
    let plugins = Plugins::with("all-hooks");
    let server = Setup::new().plugins(plugins.path()).start().await;
    let desk = Desk::of(&server);
    let user = desk.create(ADA, &[]);
    let told = Told { server: &server, user };
    told.of("on-signup", "").await;

    server.login(ADA).await.expect(200);
    desk.does(&["session", "revoke", "--user", ADA], "");
    told.of("on-session-revoke", "").await;
    desk.does(&["user", "set-password", ADA, "--password-stdin"], "a different horse");
    told.of("on-password-change", "").await;
    desk.does(&["user", "delete", ADA, "--yes"], "");
    told.of("on-account-delete", "").await;
}

#[tokio::test]
async fn what_was_given_up_is_listed_and_tried_anew() {
    let plugins = Plugins::with("event-fail-twice");
    let setup = Setup::new().config("[hooks]\nmax_event_attempts = 1\n");
    let server = setup.plugins(plugins.path()).start().await;
    let user = subject(&server.register(ADA).await.text("access_token"));
    server.logs(&["given up", "on-signup"]).await;
    let desk = Desk::of(&server);
    let dead = desk.json(&["outbox", "dead"], "");
    assert_eq!((&dead[0]["what"], &dead[0]["recipient"]), (&json!("on-signup"), &json!("event-fail-twice")));
    assert_eq!(dead[0]["user_id"], json!(user));
    assert!(desk.does(&["outbox", "status"], "").contains("given up"));

    // A mended version under the old name.
    plugins.put("event-fail-twice", &guest("all-hooks"));
    server.logs(&["event-fail-twice", "plugin loaded", "replaces="]).await;
    let redelivered = desk.does(&["outbox", "redeliver", "--all"], "");
    assert_eq!(redelivered, "1 delivery is tried anew");
    server.logs(&["event-fail-twice", &format!("on-signup {user}")]).await;
    assert_eq!(desk.does(&["outbox", "dead", "--json"], ""), "[]");
}

#[tokio::test]
async fn why_a_sign_in_failed_is_told_and_only_to_plugins() {
    let plugins = Plugins::with("all-hooks");
    let mailbox = Mailbox::new();
    let setup = mailbox.setup().config("[security]\nregister_reveals_existing = false\n");
    let server = setup.plugins(plugins.path()).start().await;
    server.register(ADA).await.expect(201);
    let desk = Desk::of(&server);
    let user = desk.json(&["user", "show", ADA], "")["id"].as_str().unwrap().to_owned();
    let told = Told { server: &server, user };
    // The password is right, and the address not proven.
    server.login(ADA).await.expect_detail(401, "Invalid email or password");
    told.of("on-signin-failed", "unverified").await;
    server.send(server.request(Method::GET, &mailbox.next().await.link())).await.expect(200);
    server.login(ADA).await.expect(200);
    desk.does(&["user", "disable", ADA], "");
    server.login(ADA).await.expect_detail(401, "Invalid email or password");
    told.of("on-signin-failed", "inactive").await;
}
