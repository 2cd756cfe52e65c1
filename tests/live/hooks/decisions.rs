//! Gates and mutations: what they may say, and what becomes of it.

use serde_json::json;

use crate::kit::{Plugins, Setup, claims};

#[tokio::test]
async fn a_denial_carries_code_and_message_but_never_its_reason() {
    let plugins = Plugins::with("deny-all");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    let answer = server.login("ada@example.com").await;
    answer.expect(403);
    assert_eq!(answer.json()["code"], "banned");
    assert_ne!(answer.text("detail"), "Sign in not allowed", "the plugin's own message is shown");
    server.logs(&["deny-all", "allow-signin"]).await;
    let reason = server.log.text();
    let reason = reason.lines().find(|line| line.contains("reason")).unwrap_or_default().to_owned();
    assert!(!reason.is_empty(), "the reason is logged: {}", server.log.text());
}

#[tokio::test]
async fn what_a_failure_means_is_the_operators_choice() {
    let plugins = Plugins::with("gate-trap");
    plugins.manifest("gate-trap", "[on_failure]\nallow-signin = \"deny\"\n");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.login("ada@example.com").await.expect_detail(403, "Sign in not allowed");
    server.logs(&["a hook failed", "gate-trap", "policy=\"deny\""]).await;
    plugins.manifest("gate-trap", "[on_failure]\nallow-signin = \"skip\"\n");
    crate::kit::eventually("the gate is left out", || async {
        server.login("ada@example.com").await.status == 200
    })
    .await;
    server.logs(&["gate-trap", "sign-ins go on without its gate"]).await;
    plugins.manifest("gate-trap", "[on_failure]\nmodify-jwt = \"deny\"\n");
    server.logs(&["refused", "gate-trap", "it changes things and has nobody to deny"]).await;
}

#[tokio::test]
async fn a_gate_that_keeps_failing_is_not_asked_for_a_while() {
    let plugins = Plugins::with("gate-loop");
    let config = "[hooks]\nbreaker_failures = 2\nbreaker_pause_ms = 200\nbreaker_longest_pause_ms = 200\n";
    let server = Setup::new().config(config).plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    for _ in 0..20 {
        server.login("ada@example.com").await.expect(503);
    }
    server.logs(&["circuit breaker open", "gate-loop", "its failure policy `error` answers"]).await;
    assert!(server.log.count(&["a hook failed", "gate-loop"]) < 20, "some were not asked");
    let status = crate::kit::Desk::of(&server).json(&["plugin", "list"], "");
    let state = &status[0]["breakers"]["allow-signin"];
    assert!(state == "open" || state == "half-open", "{status}");
    crate::kit::eventually("it is tried again", || async {
        server.login("ada@example.com").await.expect(503);
        server.log.count(&["circuit breaker half-open", "gate-loop"]) > 0
    })
    .await;
}

#[tokio::test]
async fn the_first_denial_ends_the_chain_and_order_is_the_operators() {
    let plugins = Plugins::with("deny-all");
    plugins.put("gate-error", &crate::kit::guest("gate-error"));
    plugins.manifest("deny-all", "order = 1\n");
    plugins.manifest("gate-error", "order = 2\n");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.login("ada@example.com").await.expect(403);
    plugins.manifest("gate-error", "order = 0\n");
    crate::kit::eventually("the failing gate comes first", || async {
        server.login("ada@example.com").await.status == 503
    })
    .await;
}

#[tokio::test]
async fn a_denied_login_forgets_the_failures_before_it() {
    let plugins = Plugins::with("deny-all");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    for _ in 0..3 {
        for _ in 0..4 {
            let wrong = json!({"email": "ada@example.com", "password": "nope"});
            server.post("/auth/login", wrong).await.expect(401);
        }
        server.login("ada@example.com").await.expect(403);
    }
}

#[tokio::test]
async fn a_gate_at_registration_leaves_a_user_without_a_session() {
    let plugins = Plugins::with("deny-all");
    let config = "[hooks]\nallow_signin_on = [\"register\"]\n";
    let server = Setup::new().config(config).plugins(plugins.path()).start().await;
    let answer = server.register("ada@example.com").await;
    answer.expect(403);
    server.register("ada@example.com").await.expect(409);
    server.login("ada@example.com").await.expect(200);
}

#[tokio::test]
async fn claims_are_handed_from_plugin_to_plugin() {
    let plugins = Plugins::with("jwt-add-claim");
    plugins.put("second", &crate::kit::guest("jwt-add-claim"));
    plugins.manifest("jwt-add-claim", "order = 1\n[config]\nvalue = \"first\"\n");
    plugins.manifest("second", "order = 2\n[config]\nvalue = \"second\"\n");
    let server = Setup::new().plugins(plugins.path()).start().await;
    let answer = server.register("ada@example.com").await;
    let claims = claims(&answer.text("access_token"));
    assert_eq!(claims["added_by"], "jwt-add-claim first, jwt-add-claim second", "in order: {claims}");
    assert_eq!(claims["email"], "ada@example.com");
}

#[tokio::test]
async fn a_plugin_may_implement_every_hook() {
    let plugins = Plugins::with("all-hooks");
    let config = "session_strategy = \"database\"";
    let server = Setup::new().config(config).plugins(plugins.path()).start().await;
    let token = server.register("ada@example.com").await.text("session_token");
    server.login("ada@example.com").await.expect(200);
    let session = server.get("/auth/session", &token).await;
    assert_eq!(session.json()["session"]["all_hooks"], true, "{session:?}");
    let request = server.request(reqwest::Method::POST, "/auth/token").bearer_auth(&token);
    let jwt = server.send(request).await.text("access_token");
    assert_eq!(claims(&jwt)["all_hooks"], true);
}

#[tokio::test]
async fn only_the_enabled_hooks_are_called() {
    let plugins = Plugins::with("all-hooks");
    plugins.manifest("all-hooks", "hooks = [\"on-signup\"]\n");
    let server = Setup::new().plugins(plugins.path()).start().await;
    let answer = server.register("ada@example.com").await;
    assert_eq!(claims(&answer.text("access_token")).get("all_hooks"), None);
    server.logs(&["plugin", "all-hooks", "on-signup"]).await;
}

#[tokio::test]
async fn safe_mode_calls_no_plugin() {
    let plugins = Plugins::with("deny-all");
    let server = Setup::new().argument("--safe-mode").plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.login("ada@example.com").await.expect(200);
    server.logs(&["safe mode"]).await;
}
