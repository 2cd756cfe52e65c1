//! Users, roles and sessions.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Desk, access_token};
use crate::kit::{Mailbox, PASSWORD, Server, Setup};

const DATABASE_SESSIONS: &str = "session_strategy = \"database\"\n";

#[tokio::test]
async fn a_user_made_at_the_command_line_signs_in_at_the_running_server() {
    let server = Server::start().await;
    let desk = Desk::of(&server);
    let id = desk.create("Ada@Example.com", &["--name", "Ada", "--verified"]);
    let token = access_token(&server, "ada@example.com").await;
    let me = server.get("/auth/me", &token).await;
    assert_eq!(me.text("id"), id);
    assert_eq!((me.text("name"), &me.json()["email_verified"]), ("Ada".to_owned(), &json!(true)));

    let arguments = ["user", "create", "--email", "grace@example.com", "--no-password"];
    let record = desk.json(&arguments, "");
    assert_eq!((&record["email"], &record["is_active"]), (&json!("grace@example.com"), &json!(true)));
    assert!(record.get("password_hash").is_none());
    server.login("grace@example.com").await.expect(401);
}

#[tokio::test]
async fn what_the_server_would_refuse_is_refused_and_nothing_is_created() {
    let server = Server::start().await;
    let desk = Desk::of(&server);
    desk.create("ada@example.com", &[]);
    let create = ["user", "create", "--password-stdin", "--email"];
    let with = |more: &[&'static str]| [&create[..], more].concat();
    desk.refuses(&with(&["ADA@example.com"]), PASSWORD, "ada@example.com exists");
    desk.refuses(&with(&["grace@example.com"]), "short", "at least 8 characters");
    desk.refuses(&with(&["grace@example.com"]), "", "at least 8 characters");
    desk.refuses(&with(&["nonsense"]), PASSWORD, "`nonsense` is not a valid e-mail address");
    desk.refuses(&with(&["grace@example.com", "--role", "absent"]), PASSWORD, "no role `absent`");
    desk.refuses(&["user", "create", "--email", "grace@example.com"], "", "--password-stdin");
    desk.refuses(&["user", "show", "grace@example.com"], "", "no user `grace@example.com`");
    let users = desk.json(&["user", "list"], "");
    assert_eq!(users.as_array().unwrap().len(), 1, "{users}");
}

#[tokio::test]
async fn the_first_administrator_needs_no_set_up() {
    let desk = Desk::new();
    let create = ["user", "create", "--password-stdin", "--role", "admin", "--email"];
    let with = |email: &'static str| [&create[..], &[email]].concat();
    desk.refuses(&with("root@example.com"), "short", "at least 8 characters");
    assert_eq!(desk.json(&["role", "list"], ""), json!([]), "nothing came of it");
    for email in ["root@example.com", "second@example.com"] {
        assert_eq!(desk.json(&with(email), PASSWORD)["roles"], json!(["admin"]));
    }
    assert_eq!(desk.json(&["role", "list"], ""), json!([{"name": "admin", "permissions": []}]));
}

#[test]
fn reading_commands_make_no_database() {
    let desk = Desk::new();
    let commands: &[&[&str]] = &[
        &["user", "list"],
        &["user", "disable", "ada@example.com"],
        &["role", "list"],
        &["session", "list", "ada@example.com"],
        &["export", "-"],
        &["backup", "copy.db"],
    ];
    for command in commands {
        desk.refuses(command, "", "there is no database");
    }
    let report = desk.json(&["import", "-", "--dry-run"], "{\"email\": \"ada@example.com\"}\n");
    assert_eq!(report["created"], 1);
    assert!(!desk.data.exists());
    desk.create("ada@example.com", &[]);
    assert!(desk.data.join("hookgate.db").exists());
    assert!(!desk.data.join("secret").exists(), "no secret is made");
}

#[tokio::test]
async fn a_new_password_ends_every_session() {
    let server = Server::start().await;
    let desk = Desk::of(&server);
    let refresh = server.register("ada@example.com").await.text("refresh_token");
    desk.refuses(&["user", "set-password", "ada@example.com", "--password-stdin"], "short", "8 characters");
    server.login("ada@example.com").await.expect(200);
    desk.does(&["user", "set-password", "ada@example.com", "--password-stdin"], "another good one\r\n");
    server.login("ada@example.com").await.expect(401);
    server.refresh(&refresh).await.expect(401);
    let body = json!({"email": "ada@example.com", "password": "another good one"});
    server.post("/auth/login", body).await.expect(200);
}

#[tokio::test]
async fn a_disabled_user_is_out_until_enabled() {
    let server = Server::start().await;
    let desk = Desk::of(&server);
    let tokens = server.register("ada@example.com").await;
    let id = server.get("/auth/me", &tokens.text("access_token")).await.text("id");
    let record = desk.json(&["user", "disable", &id], "");
    assert_eq!(record["is_active"], false);
    server.get("/auth/me", &tokens.text("access_token")).await.expect_detail(401, "Account is deactivated");
    server.refresh(&tokens.text("refresh_token")).await.expect(401);
    server.login("ada@example.com").await.expect(401);
    assert_eq!(desk.json(&["session", "list", &id], ""), json!([]));
    desk.does(&["user", "enable", &id], "");
    server.login("ada@example.com").await.expect(200);
}

#[tokio::test]
async fn links_of_a_disabled_user_let_nobody_in() {
    let mailbox = Mailbox::new();
    let providers = "[[providers]]\ntype = \"credentials\"\n[[providers]]\ntype = \"magic_links\"\n";
    let server = mailbox.setup().config(providers).start().await;
    let desk = Desk::of(&server);
    let token = server.register("ada@example.com").await.text("access_token");
    let follow = async |link: &str| server.send(server.request(Method::GET, link)).await;
    let ask = async |path: &str, body: Value| {
        server.send(server.request(Method::POST, path).bearer_auth(&token).json(&body)).await.expect(200);
        mailbox.next().await.link()
    };
    let email = json!({"email": "ada@example.com"});
    let change = json!({"new_email": "eve@example.com", "password": PASSWORD});
    let magic = [
        ask("/auth/magic-links/login", email.clone()).await,
        ask("/auth/magic-links/login", email.clone()).await,
    ];
    let verification = ask("/auth/request-verify-email", json!({})).await;
    let change = ask("/auth/account/change-email", change).await;
    desk.does(&["user", "disable", "ada@example.com"], "");

    // As in FastAuth: who follows a magic link is told, and the address may be proven.
    follow(&magic[0]).await.expect_detail(401, "Account is inactive");
    follow(&magic[0]).await.expect_detail(401, "Invalid or expired magic link");
    follow(&verification).await.expect(200);
    follow(&change).await.expect_detail(400, "Invalid or expired token");
    desk.does(&["user", "enable", "ada@example.com"], "");
    follow(&magic[1]).await.expect_detail(401, "Invalid or expired magic link");

    let last = ask("/auth/magic-links/login", email).await;
    let verification = ask("/auth/request-verify-email", json!({})).await;
    let body = json!({"password": PASSWORD});
    server
        .send(server.request(Method::DELETE, "/auth/account").bearer_auth(&token).json(&body))
        .await
        .expect(200);
    follow(&verification).await.expect_detail(400, "Invalid or expired verification token");
    follow(&last).await.expect_detail(401, "Account is inactive");
}

#[tokio::test]
async fn a_locked_user_can_be_unlocked() {
    let server = Setup::new().config("[security]\nmax_login_attempts = 3\n").start().await;
    let desk = Desk::of(&server);
    desk.create("ada@example.com", &[]);
    for _ in 0..3 {
        let body = json!({"email": "ada@example.com", "password": "wrong password"});
        server.post("/auth/login", body).await.expect(401);
    }
    server.login("ada@example.com").await.expect(401);
    let shown = desk.json(&["user", "show", "ada@example.com"], "");
    assert!(shown["locked_until"].is_i64(), "{shown}");
    assert_eq!(shown["failed_logins"], 3);
    desk.does(&["user", "unlock", "ada@example.com"], "");
    server.login("ada@example.com").await.expect(200);
    assert_eq!(desk.json(&["user", "show", "ada@example.com"], "")["locked_until"], Value::Null);
}

#[tokio::test]
async fn deleting_keeps_the_address_taken_unless_hard() {
    let server = Server::start().await;
    let desk = Desk::of(&server);
    server.register("ada@example.com").await.expect(201);
    desk.refuses(&["user", "delete", "ada@example.com"], "y\n", "--yes");
    server.login("ada@example.com").await.expect(200);
    desk.does(&["user", "delete", "ada@example.com", "--yes"], "");
    server.login("ada@example.com").await.expect(401);
    server.register("ada@example.com").await.expect(409);
    desk.refuses(&["user", "enable", "ada@example.com"], "", "was deleted");
    desk.does(&["user", "delete", "ada@example.com", "--yes", "--hard"], "");
    server.register("ada@example.com").await.expect(201);
}

#[tokio::test]
async fn the_first_administrator_comes_from_the_command_line() {
    let server = Server::start().await;
    let desk = Desk::of(&server);
    desk.does(&["role", "create", "admin"], "");
    desk.refuses(&["role", "create", "admin"], "", "a role `admin` exists");
    desk.create("root@example.com", &["--role", "admin"]);
    let token = access_token(&server, "root@example.com").await;
    let request = server.request(reqwest::Method::POST, "/auth/roles").bearer_auth(&token);
    server.send(request.json(&json!({"name": "editor"}))).await.expect(201);

    let role = desk.json(&["role", "grant", "editor", "posts:write", "posts:read"], "");
    assert_eq!(role, json!({"name": "editor", "permissions": ["posts:read", "posts:write"]}));
    desk.does(&["role", "revoke", "editor", "posts:write"], "");
    desk.does(&["role", "assign", "root@example.com", "editor"], "");
    let mine = server.get("/auth/roles/me", &token).await.json();
    assert_eq!(mine["roles"], json!(["admin", "editor"]));
    assert_eq!(mine["permissions"], json!(["posts:read"]));
    desk.does(&["role", "unassign", "root@example.com", "admin"], "");
    server.get("/auth/roles", &token).await.expect(403);

    desk.refuses(&["role", "assign", "root@example.com", "absent"], "", "no role `absent`");
    desk.refuses(&["role", "unassign", "root@example.com", "absent"], "", "no role `absent`");
    desk.refuses(&["role", "grant", "absent", "x"], "", "no role `absent`");
    desk.does(&["role", "delete", "editor"], "");
    assert_eq!(server.get("/auth/roles/me", &token).await.json()["roles"], json!([]));
    assert_eq!(desk.json(&["role", "list"], ""), json!([{"name": "admin", "permissions": []}]));
}

#[tokio::test]
async fn the_default_role_is_given_too() {
    let desk = Desk::new();
    let config = fs::read_to_string(&desk.config).unwrap();
    fs::write(&desk.config, format!("default_role = \"member\"\n{config}")).unwrap();
    let id = desk.create("ada@example.com", &[]);
    assert_eq!(desk.json(&["user", "show", &id], "")["roles"], json!(["member"]));
}

#[tokio::test]
async fn an_ended_session_is_over_at_once() {
    let server = Setup::new().config(DATABASE_SESSIONS).start().await;
    let desk = Desk::of(&server);
    desk.create("ada@example.com", &[]);
    let first = server.login("ada@example.com").await.text("session_token");
    let second = server.login("ada@example.com").await.text("session_token");
    let sessions = desk.json(&["session", "list", "ada@example.com"], "");
    assert_eq!(sessions.as_array().unwrap().len(), 2, "{sessions}");
    let current = server.get("/auth/session", &first).await.json();
    let id = current["session"]["id"].as_str().unwrap().to_owned();
    desk.does(&["session", "revoke", &id], "");
    server.get("/auth/me", &first).await.expect(401);
    server.get("/auth/me", &second).await.expect(200);
    desk.refuses(&["session", "revoke", &id], "", "no session");
    assert_eq!(desk.json(&["session", "revoke", "--user", "ada@example.com"], ""), json!({"ended": 1}));
    server.get("/auth/me", &second).await.expect(401);
    let output = desk.run(&["session", "revoke"], "");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn tables_are_for_people() {
    let desk = Desk::new();
    desk.create("ada@example.com", &["--name", "\u{1b}[31mAda"]);
    let list = desk.does(&["user", "list"], "");
    let lines: Vec<_> = list.lines().collect();
    assert_eq!(lines.len(), 2, "{list}");
    assert_eq!(lines[0].find("EMAIL"), lines[1].find("ada@example.com"), "{list}");
    assert!(!list.contains('\u{1b}'), "{list:?}");
    let shown = desk.does(&["user", "show", "ada@example.com"], "");
    assert!(shown.lines().any(|line| line.starts_with("locked until") && line.ends_with("not locked")));
    assert!(!shown.contains("argon2"), "{shown}");
}
