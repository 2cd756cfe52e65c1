use reqwest::Method;
use serde_json::json;

use crate::kit::{PASSWORD, Server, Setup, claims};

#[tokio::test]
async fn each_login_is_listed() {
    let server = Server::start().await;
    let first = server.register("ada@example.com").await;
    let login = server
        .request(Method::POST, "/auth/login")
        .header("user-agent", "Tester/1.0")
        .json(&json!({"email": "ada@example.com", "password": PASSWORD}));
    let second = server.send(login).await;
    let listed = server.get("/auth/sessions", &first.text("access_token")).await;
    let sid = claims(&second.text("access_token"))["sid"].clone();
    let user = claims(&second.text("access_token"))["sub"].clone();
    let expected = json!({"id": sid, "user_id": user, "ip_address": "127.0.0.1", "user_agent": "Tester/1.0"});
    let listed = listed.json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert!(listed.as_array().unwrap().contains(&expected), "{listed}");
}

#[tokio::test]
async fn ending_a_session_ends_its_refresh_token() {
    let server = Server::start().await;
    let first = server.register("ada@example.com").await;
    let second = server.login("ada@example.com").await;
    let sid = claims(&first.text("access_token"))["sid"].as_str().unwrap().to_owned();
    let token = second.text("access_token");
    let ended = server.delete(&format!("/auth/sessions/{sid}"), &token).await;
    assert_eq!(ended.expect(200).json(), json!({"message": "Session revoked"}));
    let again = server.delete(&format!("/auth/sessions/{sid}"), &token).await;
    again.expect_detail(404, "Session not found");
    server.get("/auth/session", &first.text("access_token")).await.expect_detail(404, "Session not found");

    let listed = server.get("/auth/sessions", &token).await;
    assert_eq!(listed.json().as_array().unwrap().len(), 1);
    server.refresh(&second.text("refresh_token")).await.expect(200);
    server.refresh(&first.text("refresh_token")).await.expect(401);
}

#[tokio::test]
async fn nobody_ends_somebody_elses_session() {
    let server = Server::start().await;
    let ada = server.register("ada@example.com").await;
    let bob = server.register("bob@example.com").await;
    let sid = claims(&ada.text("access_token"))["sid"].as_str().unwrap().to_owned();
    let attempt = server.delete(&format!("/auth/sessions/{sid}"), &bob.text("access_token")).await;
    attempt.expect_detail(404, "Session not found");
    server.refresh(&ada.text("refresh_token")).await.expect(200);
}

#[tokio::test]
async fn all_sessions_end_at_once() {
    let server = Server::start().await;
    let first = server.register("ada@example.com").await;
    let second = server.login("ada@example.com").await;
    let ended = server.delete("/auth/sessions/all", &first.text("access_token")).await;
    assert_eq!(ended.expect(200).json(), json!({"message": "All sessions revoked"}));
    server.refresh(&second.text("refresh_token")).await.expect(401);
}

#[tokio::test]
async fn logging_out_ends_every_login() {
    let server = Server::start().await;
    let first = server.register("ada@example.com").await;
    let second = server.login("ada@example.com").await;
    let logout = server.request(Method::POST, "/auth/logout").bearer_auth(first.text("access_token"));
    assert_eq!(server.send(logout).await.expect(200).json(), json!({"message": "Logged out"}));
    for tokens in [&first, &second] {
        server.refresh(&tokens.text("refresh_token")).await.expect(401);
    }
    // Access tokens are stateless, as in FastAuth: they end by themselves.
    server.get("/auth/me", &first.text("access_token")).await.expect(200);
}

#[tokio::test]
async fn with_check_session_a_sign_out_is_one_for_access_tokens_too() {
    let server = Setup::new().config("[jwt]\ncheck_session = true\n").start().await;
    let first = server.register("ada@example.com").await.text("access_token");
    let second = server.login("ada@example.com").await.text("access_token");
    server.get("/auth/me", &first).await.expect(200);
    server.send(server.request(Method::POST, "/auth/logout").bearer_auth(&second)).await.expect(200);
    for token in [&first, &second] {
        server.get("/auth/me", token).await.expect_detail(401, "Not authenticated");
    }
    // In the same second.
    let third = server.login("ada@example.com").await.text("access_token");
    server.get("/auth/me", &third).await.expect(200);
}
