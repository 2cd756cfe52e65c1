//! `session_strategy = "database"`.

use reqwest::Method;
use serde_json::json;

use crate::kit::{PASSWORD, Server, Setup, claims};

async fn server() -> Server {
    Setup::new().config("session_strategy = \"database\"").start().await
}

#[tokio::test]
async fn a_login_is_one_opaque_token() {
    let server = server().await;
    let answer = server.register("ada@example.com").await;
    answer.expect(201);
    let token = answer.text("session_token");
    assert_eq!(
        answer.json(),
        json!({"session_token": token, "token_type": "session", "expires_in": 2_592_000})
    );
    assert_eq!(token.len(), 43);
    server.get("/auth/me", &token).await.expect(200);

    let session = server.get("/auth/session", &token).await;
    session.expect(200);
    assert_eq!(session.json()["user"]["email"], "ada@example.com");
    assert_eq!(session.json()["session"]["ip_address"], "127.0.0.1");
    assert!(!session.body.contains(&token), "the secret is shown once");
}

#[tokio::test]
async fn it_is_over_the_moment_it_is_ended() {
    let server = server().await;
    let first = server.register("ada@example.com").await.text("session_token");
    let second = server.login("ada@example.com").await.text("session_token");
    let logout = server.request(Method::POST, "/auth/logout").bearer_auth(&first);
    server.send(logout).await.expect(200);
    server.get("/auth/me", &first).await.expect_detail(401, "Not authenticated");
    server.get("/auth/me", &second).await.expect(200);

    let third = server.login("ada@example.com").await.text("session_token");
    let id = server.get("/auth/session", &third).await.json()["session"]["id"].as_str().unwrap().to_owned();
    server.delete(&format!("/auth/sessions/{id}"), &second).await.expect(200);
    server.get("/auth/me", &third).await.expect(401);
    server.delete("/auth/sessions/all", &second).await.expect(200);
    server.get("/auth/me", &second).await.expect(401);
}

#[tokio::test]
async fn only_digests_are_stored() {
    let mut server = server().await;
    let token = server.register("ada@example.com").await.text("session_token");
    server.stop().await;
    for file in std::fs::read_dir(server.data_dir()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!String::from_utf8_lossy(&bytes).contains(&token), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn other_services_get_a_jwt_that_is_no_session() {
    let server = server().await;
    let token = server.register("ada@example.com").await.text("session_token");
    let request = server.request(Method::POST, "/auth/token").bearer_auth(&token);
    let answer = server.send(request).await;
    answer.expect(200);
    let jwt = answer.text("access_token");
    assert_eq!(claims(&jwt)["type"], "access");
    assert_eq!(claims(&jwt)["email"], "ada@example.com");
    server.get("/auth/me", &jwt).await.expect(401);
}

#[tokio::test]
async fn a_session_token_in_a_cookie_needs_the_csrf_pair_to_change_things() {
    let config = "session_strategy = \"database\"\ntoken_delivery = \"cookie\"\ndebug = true";
    let server = Setup::new().config(config).start().await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let answer = server.post("/auth/register", body).await;
    assert_eq!(answer.expect(201).json(), json!({"message": "Authentication successful"}));
    let (token, csrf) = (answer.cookie("access_token").unwrap(), answer.cookie("csrf_token").unwrap());
    assert_eq!(answer.cookie("refresh_token"), None);
    let cookie = format!("access_token={token}; csrf_token={csrf}");
    let logout = || server.request(Method::POST, "/auth/logout").header("cookie", &cookie);
    server.send(logout()).await.expect_detail(403, "CSRF token missing or invalid");
    server.send(logout().header("x-csrf-token", csrf)).await.expect(200);
}

#[tokio::test]
async fn session_tokens_can_be_looked_at_and_taken_back() {
    let server = server().await;
    let ada = server.register("ada@example.com").await.text("session_token");
    let bob = server.register("bob@example.com").await.text("session_token");
    let ask = async |route: &str, caller: &str, token: &str| {
        let path = format!("/auth/token/{route}");
        server
            .send(server.request(Method::POST, &path).bearer_auth(caller).json(&json!({"token": token})))
            .await
    };
    let own = server.get("/auth/session", &ada).await.json();
    let active = json!({
        "active": true, "sub": own["user"]["id"], "exp": own["session"]["expires_at"],
        "jti": own["session"]["id"], "token_type": "session", "email": "ada@example.com",
    });
    let inactive = json!({
        "active": false, "sub": null, "exp": null, "jti": null, "token_type": null, "email": null,
    });
    assert_eq!(ask("introspect", &ada, &ada).await.expect(200).json(), active);
    assert_eq!(ask("introspect", &bob, &ada).await.expect(200).json(), inactive, "somebody else's");
    assert_eq!(ask("introspect", &ada, "nonsense").await.expect(200).json(), inactive);
    server.operate(&["role", "assign", "bob@example.com", "admin"]);
    assert_eq!(ask("introspect", &bob, &ada).await.expect(200).json(), active, "to an administrator");

    ask("revoke", &bob, &ada).await.expect_detail(403, "Cannot revoke another user's token");
    let second = server.login("ada@example.com").await.text("session_token");
    assert_eq!(ask("revoke", &second, &ada).await.expect(200).json(), json!({"message": "Token revoked"}));
    server.get("/auth/me", &ada).await.expect_detail(401, "Not authenticated");
    server.get("/auth/me", &second).await.expect(200);
    assert_eq!(ask("introspect", &bob, &ada).await.expect(200).json(), inactive);
    ask("revoke", &second, &ada).await.expect_detail(400, "Invalid token");
}
