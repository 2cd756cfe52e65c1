//! What `/metrics` says, and to whom.

use reqwest::Method;

use crate::kit::{Desk, Plugins, Server, Setup, eventually, guest};

/// The value of the one series whose line begins like this.
fn value(page: &str, series: &str) -> f64 {
    let lines: Vec<_> = page.lines().filter(|line| line.starts_with(series)).collect();
    assert_eq!(lines.len(), 1, "one line begins with {series}:\n{page}");
    lines[0].rsplit(' ').next().unwrap().parse().unwrap()
}

async fn page(server: &Server) -> String {
    let answer = server.send(server.request(Method::GET, "/metrics")).await;
    answer.expect(200);
    answer.body
}

#[tokio::test]
async fn calls_requests_and_sign_ins_are_counted() {
    let plugins = Plugins::with("all-hooks");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    for _ in 0..2 {
        server.login("ada@example.com").await.expect(200);
    }
    server.login("bob@example.com").await.expect(401);
    server.logs(&["all-hooks", "on-signin"]).await;

    let page = page(&server).await;
    assert!(page.ends_with("# EOF\n"), "{page}");
    let calls = |hook: &str, outcome: &str| {
        format!("hookgate_hook_calls_total{{plugin=\"all-hooks\",hook=\"{hook}\",outcome=\"{outcome}\"}}")
    };
    assert_eq!(value(&page, &calls("allow-signin", "ok")), 2.0);
    assert_eq!(value(&page, &calls("allow-signin", "denied")), 0.0);
    assert_eq!(value(&page, &calls("modify-jwt", "ok")), 6.0, "two tokens for each way in");
    for phase in ["wait", "instantiate", "guest", "host"] {
        let count = "hookgate_hook_duration_seconds_count";
        let series = format!("{count}{{plugin=\"all-hooks\",hook=\"modify-jwt\",phase=\"{phase}\"}}");
        assert_eq!(value(&page, &series), 6.0);
    }
    assert!(value(&page, "hookgate_hook_memory_peak_bytes{plugin=\"all-hooks\"}") >= 65_536.0);
    let breaker = "hookgate_hook_breaker_state{plugin=\"all-hooks\",hook=\"allow-signin\"}";
    assert_eq!(value(&page, breaker), 0.0);
    assert_eq!(value(&page, "hookgate_plugins "), 1.0);
    assert!(value(&page, "hookgate_plugin_generation ") >= 1.0);
    assert_eq!(value(&page, "hookgate_outbox_dead "), 0.0);
    assert_eq!(value(&page, "hookgate_passwords_waiting "), 0.0);
    let sign_ins = "hookgate_sign_ins_total{provider=\"credentials\",outcome=";
    assert_eq!(value(&page, &format!("{sign_ins}\"ok\"}}")), 2.0);
    assert_eq!(value(&page, &format!("{sign_ins}\"rejected\"}}")), 1.0);
    let login = "hookgate_http_requests_total{method=\"POST\",route=\"/auth/login\",status=";
    assert_eq!(value(&page, &format!("{login}\"200\"}}")), 2.0);
    assert_eq!(value(&page, &format!("{login}\"401\"}}")), 1.0);
}

#[tokio::test]
async fn failures_denials_and_waiting_events_show() {
    let plugins = Plugins::with("gate-trap");
    plugins.put("event-fail-twice", &guest("event-fail-twice"));
    let config =
        "[hooks]\nbreaker_failures = 2\nbreaker_pause_ms = 60000\nbreaker_longest_pause_ms = 60000\n";
    let server = Setup::new().config(config).plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    for _ in 0..4 {
        server.login("ada@example.com").await.expect(503);
    }
    let text = page(&server).await;
    let gate = "hookgate_hook_calls_total{plugin=\"gate-trap\",hook=\"allow-signin\",outcome=";
    assert_eq!(value(&text, &format!("{gate}\"trap\"}}")), 2.0);
    assert_eq!(value(&text, &format!("{gate}\"breaker-open\"}}")), 2.0);
    let breaker = "hookgate_hook_breaker_state{plugin=\"gate-trap\",hook=\"allow-signin\"}";
    assert_eq!(value(&text, breaker), 2.0);
    let failed = "hookgate_sign_ins_total{provider=\"credentials\",outcome=\"hook-failed\"}";
    assert_eq!(value(&text, failed), 4.0);

    plugins.remove("gate-trap");
    eventually("the plugin is gone", || async { server.login("ada@example.com").await.status == 200 }).await;
    let text = page(&server).await;
    assert!(!text.contains("gate-trap"), "and its series with it:\n{text}");
    assert!(value(&text, "hookgate_outbox_pending ") >= 1.0);
}

#[tokio::test]
async fn kept_instances_show() {
    let plugins = Plugins::with("jwt-add-claim");
    plugins.put("fresh", &guest("session-tag"));
    plugins.manifest("jwt-add-claim", "[reuse]\nmax_idle_ms = 3600000\n");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    for _ in 0..5 {
        server.login("ada@example.com").await.expect(200);
    }
    // Two tokens each; the first call of all has an instance of its own.
    let text = page(&server).await;
    assert_eq!(value(&text, "hookgate_hook_reused_calls_total{plugin=\"jwt-add-claim\"}"), 11.0);
    assert_eq!(value(&text, "hookgate_hook_idle_instances{plugin=\"jwt-add-claim\"}"), 1.0);
    assert!(!text.contains("idle_instances{plugin=\"fresh\"}"), "{text}");
    let status = Desk::of(&server).json(&["plugin", "status", "jwt-add-claim"], "");
    assert_eq!((&status["reused_calls"], &status["idle_instances"]), (&11.into(), &1.into()), "{status}");
    let shown = Desk::of(&server).does(&["plugin", "status", "jwt-add-claim"], "");
    assert!(shown.contains("reused calls") && shown.contains("idle instances"), "{shown}");
    plugins.manifest("jwt-add-claim", "");
    server.logs(&["plugin loaded", "jwt-add-claim", "replaces"]).await;
    let text = page(&server).await;
    assert!(!text.contains("hookgate_hook_idle_instances{"), "{text}");
}

#[tokio::test]
async fn only_programs_on_the_machine_may_look() {
    let server = Server::start().await;
    server.send(server.request(Method::GET, "/metrics")).await.expect(200);
    let forwarded = server.request(Method::GET, "/metrics").header("x-forwarded-for", "198.51.100.7");
    server.send(forwarded).await.expect_detail(404, "Not Found");

    let server = Setup::new().config("[server]\nmetrics = \"public\"\n").start().await;
    let forwarded = server.request(Method::GET, "/metrics").header("x-forwarded-for", "198.51.100.7");
    server.send(forwarded).await.expect(200);

    let server = Setup::new().config("[server]\nmetrics = \"off\"\n").start().await;
    server.send(server.request(Method::GET, "/metrics")).await.expect_detail(404, "Not Found");
}
