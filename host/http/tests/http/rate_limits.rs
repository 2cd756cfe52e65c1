//! Clients that call too often.

use axum::http::StatusCode;
use hookgate_http::RateClass;
use serde_json::json;

use crate::kit::{Call, EMAIL, PASSWORD, TestApp, get, post};

/// Three sign-ins an hour, and two of everything else.
fn limited() -> TestApp {
    TestApp::with(|wish| {
        let rate = |text: &str| text.parse().expect("a rate");
        let limits = [(RateClass::Login, rate("3/hour")), (RateClass::Default, rate("2/hour"))];
        wish.options.rate_limits = Some(limits.into());
        wish.options.trusted_proxies = vec!["10.0.0.0/8".parse().expect("a network")];
        wish.options.cors_origins = vec!["https://app.example.com".parse().expect("an origin")];
    })
}

fn login() -> Call {
    post("/auth/login").json(&json!({"email": EMAIL, "password": PASSWORD}))
}

#[tokio::test]
async fn one_too_many_is_429_and_told_when_to_come_back() {
    let app = limited();
    app.register().await;
    for _ in 0..3 {
        assert_eq!(app.send(login().peer("192.0.2.1:1")).await.status, StatusCode::OK);
    }
    let reply = app.send(login().peer("192.0.2.1:2").header("origin", "https://app.example.com")).await;
    assert_eq!(reply.line(), r#"429 {"detail":"Too many requests, try again later"}"#);
    let wait: u32 = reply.header("retry-after").parse().expect("seconds");
    assert!((1_190..=1_200).contains(&wait), "{wait}");
    assert_eq!(reply.header("access-control-allow-origin"), "https://app.example.com");
    assert_eq!(reply.header("cache-control"), "no-store");

    // Others are not touched, nor are other classes.
    assert_eq!(app.send(login().peer("192.0.2.2:1")).await.status, StatusCode::OK);
    assert_eq!(app.send(get("/auth/me").peer("192.0.2.1:1")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn behind_a_proxy_the_client_counts_and_nobody_can_pose_as_many() {
    let app = limited();
    app.register().await;
    let through = |proxy: &str, client: &str| login().peer(proxy).header("x-forwarded-for", client);
    for _ in 0..3 {
        assert_eq!(app.send(through("10.0.0.1:1", "192.0.2.1")).await.status, StatusCode::OK);
    }
    assert_eq!(app.send(through("10.0.0.2:1", "192.0.2.1")).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(app.send(through("10.0.0.1:1", "192.0.2.2")).await.status, StatusCode::OK);
    // Not a trusted proxy: what it says of itself changes nothing.
    for number in 0..3 {
        app.send(through("198.51.100.1:1", &format!("192.0.2.{number}"))).await;
    }
    assert_eq!(app.send(through("198.51.100.1:1", "192.0.2.9")).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn unknown_paths_count_and_probes_and_preflights_do_not() {
    let app = limited();
    let statuses = async |call: fn() -> Call| {
        let mut statuses = Vec::new();
        for _ in 0..4 {
            statuses.push(app.send(call().peer("[2001:db8::1]:1")).await.status.as_u16());
        }
        statuses
    };
    assert_eq!(statuses(|| get("/healthz")).await, [200; 4]);
    assert_eq!(
        statuses(|| {
            crate::kit::call("OPTIONS", "/auth/me")
                .header("origin", "https://app.example.com")
                .header("access-control-request-method", "GET")
        })
        .await,
        [200; 4]
    );
    assert_eq!(statuses(|| get("/auth/guess")).await, [404, 404, 429, 429]);
    assert_eq!(statuses(|| get("/auth/login")).await, [429; 4], "the same class");
}

#[tokio::test]
async fn without_limits_nobody_is_held_up() {
    let app = TestApp::new();
    app.register().await;
    for _ in 0..50 {
        assert_eq!(app.send(login().peer("192.0.2.1:1")).await.status, StatusCode::OK);
    }
}
