//! Plugins that misbehave cost one call, and that call fails closed.

use crate::kit::{Plugins, Setup, claims};

const FAILED: &str = "Sign in is not possible at the moment: a hook failed";

/// Each gate that fails: 503, not 403; a log line that names plugin, hook and cause; and once it is
/// gone everything is as before.
#[tokio::test]
async fn a_failing_gate_lets_nobody_in() {
    let cases = [
        ("gate-error", "answered with an error"),
        ("gate-trap", "trapped"),
        ("gate-loop", "(`cpu_ms`)"),
        ("gate-grow", "bytes of memory"),
    ];
    for (name, cause) in cases {
        let plugins = Plugins::with(name);
        if name == "gate-grow" {
            // It is to run out of memory and not, on a busy machine, of time.
            plugins.manifest(name, "[limits]\ntime_ms = 10000\ncpu_ms = 10000\n");
        }
        let server = Setup::new().plugins(plugins.path()).start().await;
        server.register("ada@example.com").await.expect(201);
        for _ in 0..2 {
            server.login("ada@example.com").await.expect_detail(503, FAILED);
        }
        server.logs(&[name, "allow-signin", cause]).await;
        let listed = server.get("/auth/me", "x").await;
        listed.expect(401);
        plugins.remove(name);
        crate::kit::eventually("the plugin is gone", || async {
            server.login("ada@example.com").await.status == 200
        })
        .await;
    }
}

#[tokio::test]
async fn a_failing_mutation_issues_no_token_and_creates_nobody() {
    let cases = [
        ("jwt-change-sub", "`sub`"),
        ("jwt-later-exp", "`exp`"),
        ("jwt-garbage", "not JSON"),
        ("jwt-array", "array"),
        ("jwt-huge", "hostcall_bytes"),
    ];
    for (name, cause) in cases {
        let plugins = Plugins::with(name);
        let server = Setup::new().plugins(plugins.path()).start().await;
        let answer = server.register("ada@example.com").await;
        answer.expect_detail(503, FAILED);
        assert!(!answer.body.contains(name), "the client is not told which plugin");
        server.logs(&[name, "modify-jwt", cause]).await;
        plugins.remove(name);
        crate::kit::eventually("the address is still free", || async {
            server.register("ada@example.com").await.status == 201
        })
        .await;
    }
}

#[tokio::test]
async fn a_failing_refresh_leaves_the_old_token_usable() {
    let plugins = Plugins::none();
    let server = Setup::new().plugins(plugins.path()).start().await;
    let token = server.register("ada@example.com").await.text("refresh_token");
    plugins.put("jwt-trap-on-refresh", &crate::kit::guest("jwt-trap-on-refresh"));
    crate::kit::eventually("the plugin is live", || async {
        server.login("ada@example.com").await.status == 503
    })
    .await;
    for _ in 0..3 {
        server.refresh(&token).await.expect_detail(503, FAILED);
    }
    plugins.remove("jwt-trap-on-refresh");
    crate::kit::eventually("the plugin is gone", || async { server.refresh(&token).await.status == 200 })
        .await;
}

#[tokio::test]
async fn a_session_keeps_its_id() {
    let plugins = Plugins::with("session-change-id");
    let config = "session_strategy = \"database\"";
    let server = Setup::new().config(config).plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect_detail(503, FAILED);
    server.logs(&["session-change-id", "modify-session", "`id`"]).await;
}

#[tokio::test]
async fn one_plugins_loop_does_not_hold_up_others() {
    let plugins = Plugins::with("gate-loop");
    plugins.manifest("gate-loop", "[limits]\ntime_ms = 2000\ncpu_ms = 2000\n");
    let server = Setup::new().plugins(plugins.path()).start().await;
    let token = server.register("ada@example.com").await.text("access_token");
    let looping = futures_util::future::join_all((0..4).map(|_| server.login("ada@example.com")));
    let meanwhile = async {
        let mut served = 0;
        for _ in 0..50 {
            served += usize::from(server.get("/auth/me", &token).await.status == 200);
        }
        served
    };
    let (_, served) = futures_util::future::join(looping, meanwhile).await;
    assert_eq!(served, 50);
}

#[tokio::test]
async fn a_flood_of_log_lines_is_cut() {
    let plugins = Plugins::with("log-flood");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await;
    server.login("ada@example.com").await;
    let bytes: usize =
        server.log.text().lines().filter(|line| line.contains("log-flood")).map(str::len).sum();
    assert!(bytes < 1_000_000, "{bytes} bytes");
    server.logs(&["log-flood", "dropped"]).await;
}

#[tokio::test]
async fn a_hostile_plugin_does_not_spoil_a_good_one() {
    let plugins = Plugins::with("jwt-add-claim");
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"kept\"\n");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    plugins.put("jwt-garbage", &crate::kit::guest("jwt-garbage"));
    crate::kit::eventually("the bad plugin is live", || async {
        server.login("ada@example.com").await.status == 503
    })
    .await;
    plugins.remove("jwt-garbage");
    crate::kit::eventually("the bad plugin is gone", || async {
        server.login("ada@example.com").await.status == 200
    })
    .await;
    let answer = server.login("ada@example.com").await;
    assert_eq!(claims(&answer.text("access_token"))["added_by"], "jwt-add-claim kept");
}
