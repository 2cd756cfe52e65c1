use futures_util::future::join_all;
use serde_json::json;

use crate::kit::{PASSWORD, Server, Setup, claims};

const WRONG: &str = "Invalid email or password";

#[tokio::test]
async fn a_password_signs_in() {
    let server = Server::start().await;
    server.register("ada@example.com").await.expect(201);
    let answer = server.login("Ada@Example.com").await;
    answer.expect(200);
    assert_eq!(answer.text("token_type"), "bearer");
    server.get("/auth/me", &answer.text("access_token")).await.expect(200);
}

#[tokio::test]
async fn wrong_password_and_unknown_address_answer_alike() {
    let server = Server::start().await;
    server.register("ada@example.com").await.expect(201);
    let wrong = server.post("/auth/login", json!({"email": "ada@example.com", "password": "nope"})).await;
    let unknown = server.post("/auth/login", json!({"email": "eve@example.com", "password": "nope"})).await;
    wrong.expect_detail(401, WRONG);
    assert_eq!(wrong.body, unknown.body);
    assert_eq!(wrong.status, unknown.status);
    assert_eq!(wrong.header("www-authenticate"), unknown.header("www-authenticate"));
}

#[tokio::test]
async fn remember_lasts_longer_and_survives_a_refresh() {
    let server = Server::start().await;
    server.register("ada@example.com").await.expect(201);
    let lifetime = |token: &str| {
        let claims = claims(token);
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap()
    };
    for remember in [json!(true), json!(1), json!("yes"), json!("ON")] {
        let body = json!({"email": "ada@example.com", "password": PASSWORD, "remember": remember});
        let answer = server.post("/auth/login", body).await;
        assert_eq!(lifetime(&answer.text("refresh_token")), 7_776_000, "{remember}");
        let refreshed = server.refresh(&answer.text("refresh_token")).await;
        assert_eq!(lifetime(&refreshed.text("refresh_token")), 7_776_000);
    }
}

#[tokio::test]
async fn five_failures_lock_even_for_the_right_password() {
    let server = Server::start().await;
    server.register("ada@example.com").await.expect(201);
    for email in ["ada@example.com", "nobody@example.com"] {
        for _ in 0..5 {
            server
                .post("/auth/login", json!({"email": email, "password": "nope"}))
                .await
                .expect_detail(401, WRONG);
        }
    }
    server.login("ada@example.com").await.expect_detail(401, WRONG);
    server.register("bob@example.com").await.expect(201);
    server.login("bob@example.com").await.expect(200);
}

#[tokio::test]
async fn a_success_before_the_limit_starts_the_count_again() {
    let server = Server::start().await;
    server.register("ada@example.com").await.expect(201);
    for _ in 0..3 {
        for _ in 0..4 {
            server
                .post("/auth/login", json!({"email": "ada@example.com", "password": "nope"}))
                .await
                .expect(401);
        }
        server.login("ada@example.com").await.expect(200);
    }
}

#[tokio::test]
async fn failures_that_come_together_are_all_counted() {
    let server = Server::start().await;
    server.register("ada@example.com").await.expect(201);
    let wrong = json!({"email": "ada@example.com", "password": "nope"});
    for answer in join_all((0..5).map(|_| server.post("/auth/login", wrong.clone()))).await {
        answer.expect(401);
    }
    server.login("ada@example.com").await.expect_detail(401, WRONG);
}

#[tokio::test]
async fn a_lock_ends_by_itself() {
    let setup = Setup::new().config("[security]\nmax_login_attempts = 1\nlockout_duration = 1\n");
    let server = setup.start().await;
    server.register("ada@example.com").await.expect(201);
    server.post("/auth/login", json!({"email": "ada@example.com", "password": "nope"})).await.expect(401);
    server.login("ada@example.com").await.expect(401);
    crate::kit::eventually("the lock ends", || async { server.login("ada@example.com").await.status == 200 })
        .await;
}
