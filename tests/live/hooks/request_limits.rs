//! The limits of a plugin's requests, in a live server with real sockets: what goes beyond one has a sentence of its
//! own that names it, costs that request alone, and the server serves on.

use std::time::Duration;

use serde_json::{Value, json};

use super::outside::{Peer, plugins, results};
use crate::kit::{Plugins, Server, Setup, eventually};

const ADA: &str = "ada@example.com";

/// A server whose plugin makes these calls to the peer under these limits.
async fn asking(peer: &Peer, limits: &str, calls: &Value) -> (Plugins, Server) {
    let plugins = plugins(&manifest(peer, limits), calls);
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register(ADA).await.expect(201);
    (plugins, server)
}

fn manifest(peer: &Peer, limits: &str) -> String {
    format!("[http]\nhosts = [\"http://{0}\"]\nallow_private = [\"{0}\"]\n[limits]\n{limits}\n", peer.address)
}

fn get(peer: &Peer, path: &str) -> Value {
    json!({ "do": "http", "url": format!("http://{}{path}", peer.address) })
}

fn post(peer: &Peer, len: usize) -> Value {
    json!({ "do": "http", "method": "POST", "url": format!("http://{}/", peer.address), "value": "b".repeat(len) })
}

fn error(result: &Value) -> &str {
    result["error"].as_str().unwrap_or_else(|| panic!("no error: {result}"))
}

/// As a hook that fails by its limit is logged: which plugin, and the limit with its value.
async fn says(server: &Server, sentence: &str) {
    let start = "a request of a plugin came to its limit";
    server.logs(&["WARN", start, sentence, "plugin=\"host-calls\"", "request.id="]).await;
    assert_eq!(server.log.count(&["a hook failed"]), 0, "the call goes on: {}", server.log.text());
}

#[tokio::test]
async fn a_call_makes_so_many_requests() {
    let peer = Peer::start(Peer::answering("200 OK", "", "fine"), Duration::ZERO).await;
    let calls: Vec<_> = ["/1", "/2", "/3", "/4"].map(|path| get(&peer, path)).into();
    let (_plugins, server) = asking(&peer, "time_ms = 5000\nhttp_requests = 2", &json!(calls)).await;
    peer.heard.lock().unwrap().clear();
    let results = results(&server, ADA).await;
    assert_eq!((&results[0]["body"], &results[1]["body"]), (&json!("fine"), &json!("fine")), "{results}");
    for result in [&results[2], &results[3]] {
        assert!(error(result).contains("has made all its 2 requests (`http_requests`)"), "{results}");
    }
    says(&server, "the call has made all its 2 requests (`http_requests`)").await;
    // Two calls for each sign-in, one for each token.
    let heard = peer.heard.lock().unwrap().join("\n");
    assert_eq!(heard.matches("GET /").count(), 4, "{heard}");
    assert!(!heard.contains("GET /3") && !heard.contains("GET /4"), "{heard}");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_sent() {
    let peer = Peer::start(Peer::answering("200 OK", "", "fine"), Duration::ZERO).await;
    let calls = json!([post(&peer, 1001), post(&peer, 1000)]);
    let (_plugins, server) = asking(&peer, "time_ms = 5000\nhttp_request_bytes = 1000", &calls).await;
    peer.heard.lock().unwrap().clear();
    let results = results(&server, ADA).await;
    assert!(error(&results[0]).contains("larger than allowed"), "{results}");
    assert_eq!(results[1]["status"], 200, "the next one is free to go: {results}");
    says(&server, "its body has more than 1000 bytes (`http_request_bytes`)").await;
    assert_eq!(peer.heard.lock().unwrap().len(), 2, "one for each token");
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read_on() {
    let limits = "time_ms = 5000\nhttp_response_bytes = 2000";
    // With its length in front, and without any.
    let endless = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "a".repeat(2001));
    for answer in [Peer::answering("200 OK", "", &"a".repeat(2001)), endless] {
        let large = Peer::start(answer, Duration::ZERO).await;
        let (plugins, server) = asking(&large, limits, &json!([get(&large, "/")])).await;
        let refused = results(&server, ADA).await;
        assert!(error(&refused[0]).contains("larger than allowed"), "{refused}");
        says(&server, "the answer has more than 2000 bytes (`http_response_bytes`)").await;

        let fits = Peer::start(Peer::answering("200 OK", "", &"a".repeat(2000)), Duration::ZERO).await;
        let config = toml::to_string(&json!({ "config": { "calls": [get(&fits, "/")] } })).unwrap();
        let grants = r#"grants = ["log", "config", "clock", "kv", "http", "secrets"]"#;
        plugins.manifest("host-calls", &format!("{grants}\n{}{config}", manifest(&fits, limits)));
        eventually("an answer of just the size is read", || async {
            results(&server, ADA).await[0]["length"] == 2000
        })
        .await;
    }
}

#[tokio::test]
async fn a_request_has_its_time() {
    let peer = Peer::start(Peer::answering("200 OK", "", "late"), Duration::from_secs(60)).await;
    let mut hasty = get(&peer, "/");
    hasty["timeout_ms"] = json!(20);
    // The limit of a request; what is left of the call's; and the plugin's own wish, which is no breach.
    for (limits, call, sentence) in [
        (
            "time_ms = 9000\nhttp_timeout_ms = 80",
            get(&peer, "/"),
            Some("no answer within 80 ms (`http_timeout_ms`)"),
        ),
        ("time_ms = 1000", get(&peer, "/"), Some("ms (what the call's `time_ms` had left)")),
        ("time_ms = 9000", hasty, None),
    ] {
        let (_plugins, server) = asking(&peer, limits, &json!([call])).await;
        let results = results(&server, ADA).await;
        assert!(error(&results[0]).contains("no answer in time"), "{results}");
        match sentence {
            Some(sentence) => says(&server, sentence).await,
            None => assert_eq!(server.log.count(&["came to its limit"]), 0, "{}", server.log.text()),
        }
    }
}
