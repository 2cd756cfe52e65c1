use serde_json::{Value, json};

use crate::kit::{PASSWORD, Server, Setup, claims};

#[tokio::test]
async fn registering_signs_in() {
    let server = Server::start().await;
    let answer = server
        .post("/auth/register", json!({"email": " Ada@Example.com ", "password": PASSWORD, "name": "Ada"}))
        .await;
    answer.expect(201);
    assert_eq!(answer.text("token_type"), "bearer");
    assert_eq!(answer.json()["expires_in"], 900);
    assert_eq!(answer.header("cache-control"), "no-store");

    let access = claims(&answer.text("access_token"));
    assert_eq!(access["type"], "access");
    assert_eq!(access["email"], "ada@example.com");
    assert_eq!(access["name"], "Ada");
    assert_eq!(access["email_verified"], false);
    assert_eq!(access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap(), 900);
    assert_eq!(access.get("iss"), None, "left out where none is configured");
    assert_eq!(access.get("aud"), None);
    let refresh = claims(&answer.text("refresh_token"));
    assert_eq!(refresh["type"], "refresh");
    assert_eq!(refresh["sid"], access["sid"]);
    assert_eq!(refresh["exp"].as_i64().unwrap() - refresh["iat"].as_i64().unwrap(), 2_592_000);

    let me = server.get("/auth/me", &answer.text("access_token")).await;
    let id = access["sub"].as_str().unwrap();
    assert_eq!(id.len(), 24);
    let expected = json!({
        "id": id, "email": "ada@example.com", "name": "Ada", "image": null,
        "email_verified": false, "is_active": true
    });
    assert_eq!(me.json(), expected);
}

#[tokio::test]
async fn an_address_is_taken_in_whatever_case() {
    let server = Server::start().await;
    server.register("ada@example.com").await.expect(201);
    let again = server.register("ADA@example.com").await;
    again.expect_detail(409, "A user with this email already exists");
}

#[tokio::test]
async fn of_racing_registrations_one_wins() {
    let server = Server::start().await;
    let racers = (0..8).map(|_| server.register("ada@example.com"));
    let mut statuses = Vec::new();
    for answer in futures_util::future::join_all(racers).await {
        statuses.push(answer.status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn the_policy_speaks_before_anything_is_created() {
    let server = Setup::new().config("[password]\nrequire_digit = true\n").start().await;
    let attempt = async |password: &str| {
        server.post("/auth/register", json!({"email": "ada@example.com", "password": password})).await
    };
    attempt("short").await.expect_detail(400, "Password must be at least 8 characters long");
    attempt(&"x".repeat(129)).await.expect_detail(400, "Password must be at most 128 characters long");
    attempt("longenough").await.expect_detail(400, "Password must contain at least one digit");
    attempt(&"1".repeat(900_000)).await.expect_detail(400, "Password must be at most 128 characters long");
    attempt("longenough1").await.expect(201);
}

#[tokio::test]
async fn a_name_may_be_null_and_unknown_fields_are_ignored() {
    let server = Server::start().await;
    let body = json!({"email": "a@example.com", "password": PASSWORD, "name": null, "is_admin": true});
    let answer = server.post("/auth/register", body).await;
    answer.expect(201);
    assert_eq!(claims(&answer.text("access_token"))["name"], Value::Null);
}

#[tokio::test]
async fn the_default_role_is_made_and_given() {
    let server = Setup::new().config("default_role = \"member\"").start().await;
    server.register("ada@example.com").await.expect(201);
    // Started again, the role exists already.
    let mut server = server;
    server.stop().await;
    let again = Setup::new().config("default_role = \"member\"").data_of(&server).start().await;
    again.register("bob@example.com").await.expect(201);
}
