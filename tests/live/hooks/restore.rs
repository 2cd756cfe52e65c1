//! `[hooks] on_violation = "restore"`: hooks that rewrite what they should not still serve.

use crate::kit::{Plugins, Server, Setup, claims};

const RESTORE: &str = "[hooks]\non_violation = \"restore\"\n";

async fn server_with(plugins: &Plugins, strategy: &str) -> Server {
    let config = format!("session_strategy = \"{strategy}\"\n{RESTORE}");
    Setup::new().config(&config).plugins(plugins.path()).start().await
}

#[tokio::test]
async fn reserved_claims_are_put_back_and_the_log_names_them() {
    for (name, cause) in [("jwt-change-sub", "`sub`"), ("jwt-later-exp", "`exp`")] {
        let plugins = Plugins::with(name);
        plugins.put("jwt-add-claim", &crate::kit::guest("jwt-add-claim"));
        let server = server_with(&plugins, "jwt").await;
        let answer = server.register("ada@example.com").await;
        let token = answer.expect(201).text("access_token");
        let me = server.get("/auth/me", &token).await;
        let claims = claims(&token);
        assert_eq!(claims["sub"], me.expect(200).json()["id"]);
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
        server.logs(&["WARN", name, "modify-jwt", "repaired", cause]).await;
        assert_eq!(server.log.count(&["repaired", "jwt-add-claim"]), 0);
    }
}

#[tokio::test]
async fn a_session_keeps_its_id() {
    let plugins = Plugins::with("session-change-id");
    let server = server_with(&plugins, "database").await;
    let token = server.register("ada@example.com").await.expect(201).text("session_token");
    let session = server.get("/auth/session", &token).await.json()["session"].clone();
    assert_ne!(session["id"], "a-session-of-my-choice");
    server.logs(&["session-change-id", "modify-session", "repaired", "`id`"]).await;
}

#[tokio::test]
async fn what_is_no_answer_at_all_still_fails() {
    let plugins = Plugins::with("jwt-garbage");
    let server = server_with(&plugins, "jwt").await;
    server.register("ada@example.com").await.expect(503);
}
