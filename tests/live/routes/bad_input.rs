use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{PASSWORD, Server, Setup};

/// The `type` and `loc` of each complaint.
fn complaints(answer: &crate::kit::Answer) -> Vec<(String, Value)> {
    assert_eq!(answer.status, 422, "{answer:?}");
    let detail = answer.json()["detail"].clone();
    detail
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["type"].as_str().unwrap().to_owned(), error["loc"].clone()))
        .collect()
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let server = Server::start().await;
    let answer = server.post("/auth/register", json!({})).await;
    assert_eq!(
        complaints(&answer),
        [
            ("missing".to_owned(), json!(["body", "email"])),
            ("missing".to_owned(), json!(["body", "password"]))
        ]
    );
    let answer = server.post("/auth/register", json!({"email": "nonsense", "password": 7, "name": []})).await;
    assert_eq!(
        complaints(&answer),
        [
            ("value_error".to_owned(), json!(["body", "email"])),
            ("string_type".to_owned(), json!(["body", "password"])),
            ("string_type".to_owned(), json!(["body", "name"]))
        ]
    );
    let body = json!({"email": "a@example.com", "password": "x", "remember": "maybe"});
    let answer = server.post("/auth/login", body).await;
    assert_eq!(complaints(&answer), [("bool_parsing".to_owned(), json!(["body", "remember"]))]);
}

#[tokio::test]
async fn no_part_of_an_address_is_too_long() {
    let server = Server::start().await;
    let long = |local: usize, label: usize| format!("{}@{}.org", "a".repeat(local), "b".repeat(label));
    for (email, status) in [(long(64, 63), 201), (long(65, 3), 422), (long(3, 64), 422), (long(300, 3), 422)]
    {
        for path in ["/auth/register", "/auth/login", "/auth/forgot-password"] {
            let answer = server.post(path, json!({"email": email, "password": PASSWORD})).await;
            if status == 422 {
                assert_eq!(complaints(&answer), [("value_error".to_owned(), json!(["body", "email"]))]);
            } else {
                answer.expect(if path == "/auth/register" { status } else { 200 });
            }
        }
    }
}

#[tokio::test]
async fn a_complaint_never_repeats_a_password() {
    let server = Server::start().await;
    let answer = server.post("/auth/login", json!({"password": "hunter2-hunter2"})).await;
    assert_eq!(answer.status, 422);
    assert!(!answer.body.contains("hunter2"), "{answer:?}");
}

#[tokio::test]
async fn malformed_bodies_are_refused_and_never_crash() {
    let server = Server::start().await;
    let send = async |body: Vec<u8>, kind: &str| {
        let request = server.request(Method::POST, "/auth/login").header("content-type", kind).body(body);
        server.send(request).await
    };
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for body in ["{", "", "nonsense", "[1]", "7", "\"text\"", "null"] {
        let answer = send(body.as_bytes().to_vec(), "application/json").await;
        assert_eq!(answer.status, 422, "{body:.40}: {answer:?}");
        assert!(answer.json()["detail"].is_array());
    }
    // Python's parser takes these, ours doesn't.
    for body in ["{\"email\": \"\\ud800\"}", "{\"a\":NaN}", "{\"a\":1e400}", &deep] {
        let answer = send(body.as_bytes().to_vec(), "application/json").await;
        answer.expect_detail(400, "There was an error parsing the body");
    }
    let answer = send(b"{\"email\": \"\xff\xfe\"}".to_vec(), "application/json").await;
    assert!((400..500).contains(&answer.status), "{answer:?}");
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        assert_eq!(send(br#"{"email":"a@example.com","password":"x"}"#.to_vec(), kind).await.status, 422);
    }
    server.get("/healthz", "").await.expect(200);
}

#[tokio::test]
async fn oversized_bodies_and_headers_are_refused() {
    let server = Setup::new().config("[server]\nbody_limit_bytes = 10000\n").start().await;
    let answer = server.post("/auth/login", json!({"email": "x".repeat(20_000)})).await;
    assert_eq!(answer.status, 413);
    assert!(answer.json()["detail"].is_string());
    server.post("/auth/login", json!({"email": "a@example.com", "password": "x"})).await.expect(401);
}

#[tokio::test]
async fn odd_texts_are_stored_as_they_are() {
    let server = Server::start().await;
    let names = [
        "'; DROP TABLE users; --",
        "𝓐𝓭𝓪 👩‍💻",
        "\u{202e}gnirts",
        "a\r\nSet-Cookie: x=y",
        "\u{0}",
        "\"quoted\"",
    ];
    for (number, name) in names.into_iter().enumerate() {
        let email = format!("user{number}@example.com");
        let answer =
            server.post("/auth/register", json!({"email": email, "password": PASSWORD, "name": name})).await;
        answer.expect(201);
        assert!(answer.cookie("x").is_none());
        let me = server.get("/auth/me", &answer.text("access_token")).await;
        assert_eq!(me.json()["name"], name);
    }
    let request = server
        .request(Method::POST, "/auth/login")
        .header("user-agent", "x'; DROP TABLE sessions; --")
        .json(&json!({"email": "user0@example.com", "password": PASSWORD}));
    server.send(request).await.expect(200);
}

#[tokio::test]
async fn unknown_paths_and_methods() {
    let server = Server::start().await;
    server.get("/nowhere", "").await.expect_detail(404, "Not Found");
    let answer = server.get("/auth/login", "").await;
    answer.expect_detail(405, "Method Not Allowed");
    assert_eq!(answer.header("allow"), "POST");
    server.send(server.request(Method::HEAD, "/auth/me")).await.expect(405);
}

#[tokio::test]
async fn the_prefix_is_configurable() {
    let server = Setup::new().config("route_prefix = \"/api/v1/auth\"").start().await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    server.post("/api/v1/auth/register", body.clone()).await.expect(201);
    server.post("/auth/login", body).await.expect(404);
}
