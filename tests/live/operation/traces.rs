//! What a collector of traces gets, and what never.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::net::TcpListener;

use crate::kit::{Answer, Collector, PASSWORD, Plugins, SECRET, Server, Setup, Span, eventually, guest};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

fn id(answer: &Answer) -> String {
    answer.header("x-request-id").to_owned()
}

/// A request with a `traceparent`.
async fn traced(server: &Server, flags: &str) -> String {
    let request = server.request(Method::GET, "/healthz");
    let request = request.header("traceparent", format!("00-{TRACE}-{CALLER}-{flags}"));
    id(&server.send(request.header("tracestate", "vendor=s3cret")).await)
}

#[tokio::test]
async fn a_login_is_a_span_with_one_for_each_hook_call_in_it() {
    let plugins = Plugins::with("all-hooks");
    let collector = Collector::start().await;
    let config = format!("{}service_name = \"auth-eu\"\n", collector.config());
    let server = Setup::new().config(&config).plugins(plugins.path()).start().await;
    assert!(server.printed.contains("traces             to http://127.0.0.1:"));
    server.register("ada@example.com").await.expect(201);
    let answer = server.login("ada@example.com").await;
    let request = collector.request(&id(&answer)).await;
    assert_eq!(
        (request.name.as_str(), request.kind, request.is_error),
        ("POST /auth/login", "server", false)
    );
    assert!(request.parent.is_empty() && request.nanoseconds > 0);
    let attributes: Vec<_> =
        request.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let expected = [
        "http.request.method=POST",
        "http.response.status_code=#200",
        "http.route=/auth/login",
        &format!("request.id={}", id(&answer)),
    ];
    assert_eq!(attributes, expected, "and nothing else");
    assert_eq!(request.resource["service.name"], "auth-eu");
    assert_eq!(request.resource["service.version"], env!("CARGO_PKG_VERSION"));

    let calls = collector.children(&request);
    let names: Vec<_> = calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!(names, ["allow-signin", "modify-jwt", "modify-jwt"]);
    for call in &calls {
        assert_eq!((call.kind, call.is_error, call.events), ("internal", false, 0));
        assert_eq!((call.get("plugin"), call.get("hook")), ("all-hooks", call.name.as_str()));
        assert_eq!((call.get("outcome"), call.get("generation")), ("ok", "#1"));
        assert_eq!(call.get("request.id"), id(&answer));
        assert!(call.get("digest").len() >= 8, "{call:?}");
        assert!(call.nanoseconds > 0 && call.nanoseconds <= request.nanoseconds, "{call:?}");
        for time in ["wait_us", "instantiate_us", "guest_us", "host_us"] {
            assert!(call.get(time).starts_with('#'), "{time}: {call:?}");
        }
    }

    let is_event = |span: &Span| span.name == "deliver on-signin" && span.get("request.id") == id(&answer);
    let delivery = collector.one("the delivery", is_event).await;
    assert_eq!((delivery.kind, delivery.get("outcome")), ("consumer", "delivered"));
    assert_eq!((delivery.get("plugin"), delivery.get("attempt")), ("all-hooks", "#1"));
    assert!(delivery.parent.is_empty() && delivery.trace != request.trace, "the request is over");
    let calls = collector.children(&delivery);
    assert_eq!(calls.iter().map(|call| call.name.as_str()).collect::<Vec<_>>(), ["on-signin"]);
    assert!(!server.log.contains("deliver on-signin"), "the log is as talkative as before");
}

#[tokio::test]
async fn failures_are_errors_with_their_outcome() {
    let plugins = Plugins::with("gate-trap");
    let collector = Collector::start().await;
    let config = format!(
        "{}[hooks]\nbreaker_failures = 1\nbreaker_pause_ms = 60000\nbreaker_longest_pause_ms = 60000\n",
        collector.config()
    );
    let server = Setup::new().config(&config).plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    for outcome in ["trap", "breaker-open"] {
        let request = collector.request(&id(&server.login("ada@example.com").await)).await;
        assert_eq!((request.get("http.response.status_code"), request.is_error), ("#503", true));
        let calls = collector.children(&request);
        assert_eq!(calls.len(), 1, "{calls:?}");
        assert_eq!((calls[0].get("outcome"), calls[0].is_error), (outcome, true));
    }
    let rejected = server.post("/auth/login", json!({"email": "ada@example.com", "password": "x"})).await;
    let request = collector.request(&id(&rejected)).await;
    assert_eq!((request.get("http.response.status_code"), request.is_error), ("#401", false), "the caller's");
}

#[tokio::test]
async fn the_trace_of_a_believed_caller_goes_on() {
    let collector = Collector::start().await;
    let proxies = "[server]\ntrusted_proxies = [\"127.0.0.1\"]\n";
    let believes = |text: &str| Setup::new().config(&format!("{}{text}", collector.config()));

    let server = believes(proxies).start().await;
    let span = collector.request(&traced(&server, "01").await).await;
    assert_eq!((span.trace.as_str(), span.parent.as_str(), span.state.as_str()), (TRACE, CALLER, ""));
    // A trace that the caller does not keep is not kept here. The next one shows that it would have come.
    let unsampled = traced(&server, "00").await;
    let next = traced(&server, "01").await;
    collector.request(&next).await;
    assert!(collector.spans().iter().all(|span| span.get("request.id") != unsampled));
    let malformed = server.request(Method::GET, "/healthz").header("traceparent", format!("00-{TRACE}-0-01"));
    let span = collector.request(&id(&server.send(malformed).await)).await;
    assert!(span.parent.is_empty() && span.trace != TRACE);

    for (text, is_believed) in [
        (String::new(), false),
        ("traceparent_from = \"everybody\"\n".to_owned(), true),
        (format!("traceparent_from = \"nobody\"\n{proxies}"), false),
    ] {
        let server = believes(&text).start().await;
        let span = collector.request(&traced(&server, "01").await).await;
        assert_eq!((span.trace == TRACE, span.parent == CALLER), (is_believed, is_believed), "{text}");
        let unkept = traced(&server, "00").await;
        if !is_believed {
            collector.request(&unkept).await;
        }
    }
    assert!(!collector.contains("s3cret"), "tracestate is not ours to pass on");
}

#[tokio::test]
async fn a_share_of_the_traces_is_kept_whole() {
    let plugins = Plugins::with("all-hooks");
    let collector = Collector::start().await;
    let config = format!(
        "{}sample_percent = 50\ntraceparent_from = \"everybody\"\n[hooks]\nrequest_budget_ms = 60000\n",
        collector.config()
    );
    let mut server = Setup::new().config(&config).plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    for _ in 0..40 {
        server.login("ada@example.com").await.expect(200);
    }
    let kept = traced(&server, "01").await;
    assert_eq!(server.stop().await, Some(0));
    let spans = collector.spans();
    let logins: Vec<_> = spans.iter().filter(|span| span.name == "POST /auth/login").collect();
    // The odds of none or all of 40 are one in half a trillion.
    assert!(!logins.is_empty() && logins.len() < 40, "{} of 40", logins.len());
    assert!(logins.iter().all(|login| collector.children(login).len() == 3));
    let ids: BTreeSet<_> = spans.iter().map(|span| &span.id).collect();
    assert!(
        spans
            .iter()
            .all(|span| span.parent.is_empty() || ids.contains(&span.parent) || span.parent == CALLER)
    );
    assert!(spans.iter().any(|span| span.get("request.id") == kept), "what the caller keeps is kept");
}

#[tokio::test]
async fn nothing_secret_and_nobody_s_name_gets_out() {
    let plugins = Plugins::with("all-hooks");
    plugins.put("gate-error", &guest("gate-error"));
    let collector = Collector::start().await;
    let config = format!(
        "[email]\ntransport = \"console\"\n{}[telemetry.headers]\nAuthorization = \"Bearer hunter2\"\n[server]\nlog_level = \"trace\"\n",
        collector.config()
    );
    let mut server = Setup::new().config(&config).plugins(plugins.path()).start().await;
    let answer = server.register("ada@example.com").await;
    let (access, refresh) = (answer.text("access_token"), answer.text("refresh_token"));
    server.login("ada@example.com").await.expect(503);
    server.refresh(&refresh).await.expect(200);
    server.refresh(&refresh).await.expect(401);
    server.get("/auth/me", &access).await.expect(200);
    server.get("/auth/verify-email?token=a-token-in-a-query", "x").await;
    server.get("/auth/sessions/a-session-in-a-path", &access).await;
    server.get("/a-path-of-nobody/ada@example.com", &access).await.expect(404);
    let odd = server.request(Method::from_bytes(b"ODDWORD").unwrap(), "/auth/me");
    let odd = id(&server.send(odd.header("user-agent", "an-agent").header("baggage", "a-bag=1")).await);
    let odd = collector.request(&odd).await;
    assert_eq!((odd.name.as_str(), odd.get("http.request.method")), ("HTTP /auth/me", "_OTHER"));
    server.logs(&["on-signup"]).await;
    assert_eq!(server.stop().await, Some(0));

    let user = crate::kit::claims(&access)["sub"].as_str().unwrap().to_owned();
    let signature = access.rsplit('.').next().unwrap().to_owned();
    let hidden = [
        "hunter2",
        PASSWORD,
        SECRET,
        &access,
        &refresh,
        &signature,
        &user,
        "example.com",
        "a-token-in-a-query",
        "a-session-in-a-path",
        "a-path-of-nobody",
        "ODDWORD",
        "an-agent",
        "a-bag",
        "127.0.0.1",
        "$argon2id$",
        "the list of members",
    ];
    for text in hidden {
        assert!(!collector.contains(text), "the collector got {text:.30}");
    }
    assert!(collector.contains("deliver on-signup") && collector.contains("/auth/me"), "but got spans");
    let unknown = collector.spans().into_iter().find(|span| span.get("http.response.status_code") == "#404");
    let unknown = unknown.unwrap();
    assert!(unknown.name == "GET" && unknown.get("http.route").is_empty(), "{unknown:?}");
    for headers in collector.headers() {
        assert_eq!(headers["authorization"], "Bearer hunter2");
        assert_eq!(headers["content-type"], "application/x-protobuf");
        assert!(headers["user-agent"].to_str().unwrap().starts_with("hookgate/"));
    }
    assert!(!server.log.contains("hunter2"));
}

/// A counter of the page.
async fn counted(server: &Server, outcome: &str) -> u64 {
    let page = server.send(server.request(Method::GET, "/metrics")).await.body;
    let series = format!("hookgate_trace_spans_total{{outcome=\"{outcome}\"}} ");
    page.lines().find_map(|line| line.strip_prefix(&series)).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_collector_that_is_away_is_said_once_and_costs_nothing_but_spans() {
    let collector = Collector::start().await;
    let (address, config) = (collector.address, collector.config());
    drop(collector);
    let server = Setup::new().config(&config).start().await;
    server.register("ada@example.com").await.expect(201);
    server.logs(&["WARN", "the collector does not take all spans"]).await;
    for _ in 0..3 {
        let before = counted(&server, "dropped").await;
        server.login("ada@example.com").await.expect(200);
        eventually("another batch is dropped", || async { counted(&server, "dropped").await > before }).await;
    }
    assert_eq!(server.log.count(&["collector"]), 1, "{}", server.log.text());
    assert_eq!(counted(&server, "exported").await, 0);

    let collector = Collector::at(address).await;
    let answer = server.login("ada@example.com").await;
    collector.request(&id(&answer)).await;
    server.logs(&["INFO", "traces are exported again", "lost_spans="]).await;
    eventually("they are counted", || async { counted(&server, "exported").await > 0 }).await;
}

#[tokio::test]
async fn a_collector_that_never_answers_delays_neither_requests_nor_the_end() {
    let deaf = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = format!("[telemetry]\notlp_endpoint = \"http://{}\"\n", deaf.local_addr().unwrap());
    let mut server = Setup::new().config(&config).start().await;
    server.register("ada@example.com").await.expect(201);
    // Wait until a batch is under way, and keep it so.
    let (connection, _) = deaf.accept().await.unwrap();
    for _ in 0..20 {
        server.login("ada@example.com").await.expect(200);
    }
    let ended = tokio::time::timeout(Duration::from_secs(30), server.stop()).await;
    assert_eq!(ended.expect("long before the collector answers"), Some(0));
    server.logs(&["the last spans were not exported in time"]).await;
    drop(connection);
}

#[tokio::test]
async fn the_last_spans_are_sent_before_the_end_and_the_log_is_as_ever() {
    let collector = Collector::start().await;
    let config = format!("[server]\nlog_format = \"json\"\n{}", collector.config());
    let mut server = Setup::new().config(&config).start().await;
    let answer = server.register("ada@example.com").await;
    assert_eq!(server.stop().await, Some(0));
    assert!(collector.spans().iter().any(|span| span.get("request.id") == id(&answer)));
    let log = server.log.text();
    let line = log.lines().find(|line| line.contains(&id(&answer))).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["request.id"], &line["span"]), (&json!(id(&answer)), &json!(null)), "{line}");
}

#[tokio::test]
async fn the_environment_of_other_programs_decides_nothing() {
    let collector = Collector::start().await;
    let endpoint = format!("OTEL_EXPORTER_OTLP_ENDPOINT=http://{}", collector.address);
    let variables = [
        "env",
        &endpoint,
        "OTEL_EXPORTER_OTLP_HEADERS=x-key=hunter2",
        "OTEL_SERVICE_NAME=another",
        "OTEL_TRACES_SAMPLER=always_off",
        "OTEL_BSP_MAX_QUEUE_SIZE=1",
        "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=prod,service.name=a-third",
    ];
    let words: Vec<_> = variables.iter().map(|word| (*word).to_owned()).collect();
    let mut server = Setup::new().before(words.clone()).start().await;
    server.register("ada@example.com").await.expect(201);
    assert_eq!(server.stop().await, Some(0));
    assert!(collector.headers().is_empty(), "nothing is exported unless Hookgate's own key says so");

    let server = Setup::new().config(&collector.config()).before(words).start().await;
    let span = collector.request(&id(&server.register("ada@example.com").await)).await;
    assert_eq!(span.resource["service.name"], "hookgate");
    assert_eq!(span.resource["deployment.environment.name"], "prod", "where it runs is for others to know");
    assert!(collector.headers().iter().all(|headers| !headers.contains_key("x-key")));
}

#[tokio::test]
async fn without_a_collector_there_are_no_counters_and_no_word_of_traces() {
    let server = Setup::new().config("[server]\nlog_level = \"debug\"\n").start().await;
    server.register("ada@example.com").await.expect(201);
    let page = server.send(server.request(Method::GET, "/metrics")).await.body;
    assert!(!page.contains("trace_spans"), "{page}");
    assert!(!server.printed.contains("traces "), "{}", server.printed.text());
    assert!(
        !server.log.contains("http.request.method"),
        "no span of the request is made: {}",
        server.log.text()
    );
}
