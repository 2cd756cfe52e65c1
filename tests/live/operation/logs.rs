//! What is in the log, and what never is.

use serde_json::json;

use crate::kit::{PASSWORD, Plugins, Setup};

#[tokio::test]
async fn no_secret_gets_into_the_log() {
    let plugins = Plugins::with("gate-error");
    let config = "[server]\nlog_level = \"trace\"\n";
    let server = Setup::new().config(config).plugins(plugins.path()).start().await;
    let answer = server.register("ada@example.com").await;
    let (access, refresh) = (answer.text("access_token"), answer.text("refresh_token"));
    server.login("ada@example.com").await.expect(503);
    server.get("/auth/me", &access).await.expect(200);
    server.refresh(&refresh).await.expect(200);
    server.refresh(&refresh).await.expect(401);
    server.post("/auth/login", json!({"email": "ada@example.com", "password": "hunter2-hunter2"})).await;
    let log = server.log.text();
    let secrets = [PASSWORD, "hunter2-hunter2", &access, &refresh, crate::kit::SECRET, "$argon2id$"];
    for secret in secrets {
        assert!(!log.contains(secret), "the log has {secret:.20}…");
    }
    let signature = access.rsplit('.').next().unwrap();
    assert!(!log.contains(signature));
}

#[tokio::test]
async fn a_request_is_one_line_with_the_id_that_its_answer_has() {
    let server = Setup::new().config("[server]\nlog_format = \"json\"\n").start().await;
    let answer = server.get("/auth/me", "x").await;
    let id = answer.header("x-request-id").to_owned();
    assert!(!id.is_empty());
    server.logs(&[&id, "/auth/me", "401"]).await;
    let log = server.log.text();
    let line = log.lines().find(|line| line.contains(&id)).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["request.id"], id.as_str(), "{line}");
}
