//! How mails leave, and what happens when they can't.

use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::kit::{BINARY, MailServer, Mailbox, Server, Setup, eventually};

const ADA: &str = "ada@example.com";

async fn forget_password(server: &Server, email: &str) {
    server.post("/auth/forgot-password", json!({"email": email})).await.expect(200);
}

fn smtp(port: u16, tls: &str, password: &str) -> Setup {
    Setup::new().config(&format!(
        "[email]\ntransport = \"smtp\"\nsmtp_host = \"127.0.0.1\"\nsmtp_port = {port}\nsmtp_tls = \"{tls}\"\n\
         smtp_user = \"ada\"\nsmtp_password = \"{password}\"\nfrom_email = \"Example <no-reply@example.com>\"\n"
    ))
}

#[tokio::test]
async fn a_mail_server_that_is_busy_gets_the_mail_later() {
    let (mail_server, port) = MailServer::start(&[451, 421]);
    let server = smtp(port, "none", MailServer::PASSWORD).start().await;
    server.register(ADA).await.expect(201);
    forget_password(&server, ADA).await;
    eventually("the third try", || async { mail_server.mails().len() == 1 }).await;
    server.logs(&["not delivered", "451"]).await;
    server.logs(&["not delivered", "421"]).await;
    let mail = &mail_server.mails()[0];
    for part in [
        "From: Example <no-reply@example.com>\r\n",
        "To: ada@example.com\r\n",
        "Subject: Reset your password\r\n",
        "Content-Type: multipart/alternative",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
        "reset-password?token=",
    ] {
        assert!(mail.contains(part), "`{part}` in: {mail}");
    }
    assert!(!server.log.text().contains("token="), "{}", server.log.text());

    // The connection of the last mail serves the next ones.
    let before = mail_server.connections();
    for count in 2..4 {
        forget_password(&server, ADA).await;
        eventually("the next mail", || async { mail_server.mails().len() == count }).await;
    }
    assert_eq!(mail_server.connections(), before);
}

#[tokio::test]
async fn a_recipient_that_does_not_exist_is_given_up_at_once() {
    let (mail_server, port) = MailServer::start(&[550]);
    let server = smtp(port, "none", MailServer::PASSWORD).start().await;
    server.register(ADA).await.expect(201);
    forget_password(&server, ADA).await;
    server.logs(&["not delivered and dropped", "550"]).await;
    forget_password(&server, ADA).await;
    eventually("the next mail", || async { mail_server.mails().len() == 1 }).await;
}

#[tokio::test]
async fn a_wrong_password_for_the_mail_server_loses_no_mail() {
    let (mail_server, port) = MailServer::start(&[]);
    let server = smtp(port, "none", "wr0ng-s3cret").start().await;
    server.register(ADA).await.expect(201);
    forget_password(&server, ADA).await;
    server.logs(&["not delivered", "retry_in_ms", "535"]).await;
    assert!(mail_server.mails().is_empty());
    assert!(!server.log.text().contains("wr0ng-s3cret"), "{}", server.log.text());
}

#[tokio::test]
async fn encryption_that_was_asked_for_is_not_gone_without() {
    let (mail_server, port) = MailServer::start(&[]);
    for tls in ["starttls", "tls"] {
        let server = smtp(port, tls, MailServer::PASSWORD).start().await;
        server.register(ADA).await.expect(201);
        forget_password(&server, ADA).await;
        server.logs(&["not delivered", "retry_in_ms"]).await;
    }
    assert!(mail_server.mails().is_empty());
}

#[tokio::test]
async fn a_webhook_gets_fastauths_payload_and_may_fail_once() {
    type Received = Arc<Mutex<Vec<(HeaderMap, Value)>>>;
    let received = Received::default();
    let take = {
        let received = Arc::clone(&received);
        async move |headers: HeaderMap, Json(body): Json<Value>| {
            let mut received = received.lock().unwrap();
            received.push((headers, body));
            if received.len() == 1 { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::ACCEPTED }
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send?key=in-the-address", listener.local_addr().unwrap());
    let router = Router::new().route("/send", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });

    let config = format!(
        "[email]\ntransport = \"webhook\"\nwebhook_url = \"{url}\"\n[email.webhook_headers]\nX-Key = \"k3y\"\n"
    );
    let server = Setup::new().config(&config).start().await;
    server.register(ADA).await.expect(201);
    forget_password(&server, ADA).await;
    eventually("the second try", || async { received.lock().unwrap().len() == 2 }).await;
    let received = received.lock().unwrap();
    let (headers, body) = &received[1];
    assert_eq!(&received[0].1, body, "the same mail, with the same link");
    assert_eq!(
        (headers["x-key"].as_bytes(), headers["content-type"].as_bytes()),
        (&b"k3y"[..], &b"application/json"[..])
    );
    let mut names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["body_html", "body_text", "subject", "to"]);
    assert_eq!((body["to"].as_str(), body["subject"].as_str()), (Some(ADA), Some("Reset your password")));
    let log = server.log.text();
    assert!(log.contains("500") && !log.contains("k3y") && !log.contains("in-the-address"), "{log}");
}

#[tokio::test]
async fn the_console_shows_mails_on_standard_output() {
    let server = Setup::new().config("[email]\ntransport = \"console\"\n").start().await;
    server.register(ADA).await.expect(201);
    forget_password(&server, ADA).await;
    eventually("the mail", || async { server.printed.contains("/auth/reset-password?token=") }).await;
    assert!(server.printed.contains("To: ada@example.com"), "{}", server.printed.text());
}

#[tokio::test]
async fn templates_of_the_operator_take_the_place_of_ours() {
    let templates = tempfile::tempdir().unwrap();
    fs::write(templates.path().join("password_reset.txt.jinja2"), "Servus {{ name }}: {{ url }}").unwrap();
    let mailbox = Mailbox::new();
    let config = format!("email_template_dir = \"{}\"\n", templates.path().display());
    let server = mailbox.setup().config(&config).start().await;
    server.register(ADA).await.expect(201);
    forget_password(&server, ADA).await;
    let mail = mailbox.next().await;
    assert!(mail.text("body_text").starts_with("Servus ada@example.com: http"), "{mail:?}");
}

#[test]
fn half_a_configuration_is_one_sentence_and_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("mails")).unwrap();
    fs::write(folder.path().join("mails/verification.jinja2"), "fine\n{{ nmae }}").unwrap();
    let cases: &[(&str, &[&str])] = &[
        ("[email]\ntransport = \"pigeon\"", &["`email.transport`", "\"smtp\"", "pigeon"]),
        ("[email]\ntransport = \"file\"", &["\"file\"", "`email.file_dir`"]),
        ("[email]\ntransport = \"webhook\"", &["\"webhook\"", "`email.webhook_url`"]),
        ("[email]\ntransport = \"webhook\"\nwebhook_url = \"x.example\"", &["not an http"]),
        ("[email]\ntransport = \"smtp\"", &["\"smtp\"", "`email.smtp_host`"]),
        ("[email]\ntransport = \"smtp\"\nsmtp_host = \"x\"", &["\"smtp\"", "`email.from_email`"]),
        ("[email]\ntransport = \"smtp\"\nsmtp_host = \"x\"\nfrom_email = \"x\"", &["sender", "`x`"]),
        (
            "[email]\ntransport = \"smtp\"\nsmtp_host = \"x\"\nfrom_email = \"a@b.example\"\nsmtp_user = \"u\"",
            &["`email.smtp_password`"],
        ),
        (
            "[email]\ntransport = \"smtp\"\nsmtp_host = \"x\"\nfrom_email = \"a@b.example\"\nsmtp_password = \"u\"",
            &["`email.smtp_user`"],
        ),
        (
            "[email]\ntransport = \"smtp\"\nsmtp_host = \"x\"\nsmtp_password = \"a\"\nsmtp_password_file = \"b\"",
            &["both"],
        ),
        (
            "email_template_dir = \"mails\"\n[email]\ntransport = \"console\"",
            &["mails/verification.jinja2 line 2"],
        ),
        ("[[providers]]\nmax_age = 60", &["`type`", "\"credentials\", \"magic_links\""]),
        ("[[providers]]\ntype = \"goggle\"", &["\"goggle\"", "\"credentials\", \"magic_links\""]),
        ("[[providers]]\ntype = \"credentials\"\nmax_age = 60", &["\"credentials\"", "`max_age`"]),
        ("[[providers]]\ntype = \"magic_links\"\nmax_age = 0", &["`max_age`", "from 1 to 604800", "0"]),
        ("providers = [\"credentials\", \"credentials\"]", &["twice"]),
    ];
    for (text, parts) in cases {
        fs::write(folder.path().join("hookgate.toml"), text).unwrap();
        for command in ["check", "serve"] {
            let output = Command::new(BINARY)
                .args([command])
                .env("HOOKGATE_SERVER_LISTEN", "127.0.0.1:0")
                .current_dir(folder.path())
                .output()
                .unwrap();
            let message = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{text}: {message}");
            for part in *parts {
                assert!(message.contains(part), "`{part}` in: {message}");
            }
        }
        assert!(!folder.path().join("hookgate-data").exists(), "{text}: nothing is made");
    }
}
