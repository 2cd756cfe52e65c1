//! `[rate_limit]`, from the configuration to the socket.

use serde_json::json;

use crate::kit::{Server, Setup};

#[tokio::test]
async fn a_client_that_calls_too_often_is_told_when_to_come_back() {
    let config = "[rate_limit]\nenabled = true\nlogin = \"2/hour\"\nemail = \"off\"\n";
    let server = Setup::new().config(config).start().await;
    server.register("ada@example.com").await.expect(201);
    for _ in 0..2 {
        server.login("ada@example.com").await.expect(200);
    }
    let refused = server.login("ada@example.com").await;
    refused.expect_detail(429, "Too many requests, try again later");
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=1800).contains(&wait), "{wait}");
    for _ in 0..30 {
        let body = json!({"email": "ada@example.com"});
        server.post("/auth/forgot-password", body).await.expect(200);
    }
}

#[tokio::test]
async fn it_is_off_unless_asked_for() {
    let server = Server::start().await;
    server.register("ada@example.com").await.expect(201);
    for _ in 0..100 {
        server.login("ada@example.com").await.expect(200);
    }
}
