//! Events come after the fact, at least once, and never change an answer.

use reqwest::Method;

use crate::kit::{Plugins, Setup, claims, eventually};

#[tokio::test]
async fn each_fact_fires_its_hook() {
    let plugins = Plugins::with("all-hooks");
    let server = Setup::new().plugins(plugins.path()).start().await;
    let answer = server.register("ada@example.com").await;
    let id = claims(&answer.text("access_token"))["sub"].as_str().unwrap().to_owned();
    let login = server.login("ada@example.com").await;
    server.refresh(&login.text("refresh_token")).await.expect(200);
    let logout = server.request(Method::POST, "/auth/logout").bearer_auth(login.text("access_token"));
    server.send(logout).await.expect(200);
    for hook in ["on-signup", "on-signin", "on-token-refresh", "on-signout"] {
        server.logs(&["all-hooks", hook, &id]).await;
    }
}

#[tokio::test]
async fn a_failing_event_is_tried_again_and_delays_nobody() {
    let plugins = Plugins::with("event-fail-twice");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.login("ada@example.com").await.expect(200);
    server.logs(&["event-fail-twice", "attempts=1", "not delivered"]).await;
    server.logs(&["event-fail-twice", "attempts=2", "not delivered"]).await;
}

#[tokio::test]
async fn a_slow_event_does_not_delay_the_answer_or_the_next_login() {
    let plugins = Plugins::with("slow-event");
    plugins.manifest("slow-event", "[limits]\ntime_ms = 3000\ncpu_ms = 3000\n");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    let started = std::time::Instant::now();
    for _ in 0..5 {
        server.login("ada@example.com").await.expect(200);
    }
    assert!(started.elapsed().as_millis() < 3000, "five logins waited for one event");
}

#[tokio::test]
async fn an_event_survives_a_crash() {
    let plugins = Plugins::with("event-fail-twice");
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.login("ada@example.com").await.expect(200);
    server.logs(&["event-fail-twice", "attempts=1"]).await;
    server.kill().await;
    let again = Setup::new().plugins(plugins.path()).data_of(&server).start().await;
    eventually("the attempts go on where they were", || {
        let goes_on = again.log.count(&["event-fail-twice", "attempts=2"]) > 0;
        async move { goes_on }
    })
    .await;
    assert_eq!(again.log.count(&["event-fail-twice", "attempts=1"]), 0, "attempts are remembered");
}

#[tokio::test]
async fn events_of_a_plugin_that_keeps_failing_wait_without_using_up_their_attempts() {
    let plugins = Plugins::with("event-fail-twice");
    let config = "[hooks]\nbreaker_failures = 1\nbreaker_pause_ms = 1500\nbreaker_longest_pause_ms = 1500\n";
    let server = Setup::new().config(config).plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.logs(&["circuit breaker open", "event-fail-twice", "its events wait"]).await;
    server.register("bob@example.com").await.expect(201);
    eventually("bob's event waits", || async {
        let page = server.get("/metrics", "").await.body;
        page.contains(r#"plugin="event-fail-twice",hook="on-signup",outcome="breaker-open""#)
    })
    .await;
    eventually("and then has its first attempt", || {
        let attempts = server.log.count(&["event-fail-twice", "not delivered", "attempts=1"]);
        async move { attempts == 2 }
    })
    .await;
}
