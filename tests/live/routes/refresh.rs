use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::kit::{Server, Setup, claims};

#[tokio::test]
async fn a_refresh_token_is_good_once() {
    let server = Server::start().await;
    let first = server.register("ada@example.com").await;
    let second = server.refresh(&first.text("refresh_token")).await;
    second.expect(200);
    assert_ne!(first.text("refresh_token"), second.text("refresh_token"));
    assert_eq!(claims(&first.text("access_token"))["sid"], claims(&second.text("access_token"))["sid"]);
    let third = server.refresh(&second.text("refresh_token")).await;
    third.expect(200);

    server
        .refresh(&first.text("refresh_token"))
        .await
        .expect_detail(401, "Refresh token has already been used");
    // Somebody has a copy: the newest token, and every other login, is over as well.
    server.refresh(&third.text("refresh_token")).await.expect(401);
}

#[tokio::test]
async fn reuse_ends_every_login_of_that_user_and_of_nobody_else() {
    let server = Server::start().await;
    let bob = server.register("bob@example.com").await;
    let first = server.register("ada@example.com").await;
    let elsewhere = server.login("ada@example.com").await;
    server.refresh(&first.text("refresh_token")).await.expect(200);
    server.refresh(&first.text("refresh_token")).await.expect(401);

    server.refresh(&elsewhere.text("refresh_token")).await.expect(401);
    let sessions = server.get("/auth/sessions", &elsewhere.text("access_token")).await;
    assert_eq!(sessions.json(), json!([]));
    server.refresh(&bob.text("refresh_token")).await.expect(200);
    assert!(server.log.contains("a spent refresh token was presented"));
}

#[tokio::test]
async fn of_racing_refreshes_one_wins() {
    let server = Server::start().await;
    let token = server.register("ada@example.com").await.text("refresh_token");
    let answers = join_all((0..16).map(|_| server.refresh(&token))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 15);
}

#[tokio::test]
async fn what_is_absent_is_required_and_what_is_wrong_is_invalid() {
    let server = Server::start().await;
    let registered = server.register("ada@example.com").await;
    let required = "Refresh token required";
    server.send(server.request(Method::POST, "/auth/refresh")).await.expect_detail(401, required);
    server
        .send(server.request(Method::POST, "/auth/refresh").json(&json!(null)))
        .await
        .expect_detail(401, required);
    server.refresh("").await.expect_detail(401, required);
    server.post("/auth/refresh", json!({})).await.expect(422);
    server.post("/auth/refresh", json!({"refresh_token": 7})).await.expect(422);
    for wrong in ["nonsense", &registered.text("access_token")] {
        server.refresh(wrong).await.expect_detail(401, "Invalid refresh token");
    }
}

#[tokio::test]
async fn the_gate_is_asked_where_the_operator_wants_it() {
    let plugins = crate::kit::Plugins::none();
    let config = "[hooks]\nallow_signin_on = [\"credentials\", \"refresh\"]\n";
    let server = Setup::new().config(config).plugins(plugins.path()).start().await;
    let token = server.register("ada@example.com").await.text("refresh_token");
    plugins.put("deny-all", &crate::kit::guest("deny-all"));
    server.logs(&["a new generation of plugins serves", "plugins=1"]).await;
    server.refresh(&token).await.expect(403);
    plugins.remove("deny-all");
    // The denied token was not spent.
    crate::kit::eventually("the gate is gone", || async { server.refresh(&token).await.status == 200 }).await;
}

#[tokio::test]
async fn a_refresh_is_answered_once_more_if_the_answer_was_lost() {
    let server = Server::start().await;
    let first = server.register("ada@example.com").await.text("refresh_token");
    let lost = server.refresh(&first).await.text("refresh_token");
    // Sooner it would be a race, of which one wins.
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    let second = server.refresh(&first).await;
    second.expect(200);
    server.get("/auth/me", &second.text("access_token")).await.expect(200);
    // Whoever has the one that was replaced is a second holder.
    server.refresh(&lost).await.expect_detail(401, "Refresh token has already been used");
    server.refresh(&second.text("refresh_token")).await.expect(401);
}
