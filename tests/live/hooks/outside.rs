//! Plugins that keep things, send requests and use secrets, in a real server with real sockets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::kit::{Plugins, Server, Setup, claims};

const GRANTS: &str = r#"grants = ["log", "config", "clock", "kv", "http", "secrets"]"#;

/// A folder with the guest that makes the calls of its settings.
pub(super) fn plugins(manifest: &str, calls: &Value) -> Plugins {
    let plugins = Plugins::with("host-calls");
    let config = toml::to_string(&json!({ "config": { "calls": calls } })).unwrap();
    plugins.manifest("host-calls", &format!("{GRANTS}\n{manifest}\n{config}"));
    plugins
}

pub(super) async fn results(server: &Server, email: &str) -> Value {
    let answer = server.login(email).await;
    answer.expect(200);
    claims(&answer.text("access_token"))["results"].clone()
}

/// A peer on this machine that writes down what it is sent.
pub(super) struct Peer {
    pub(super) address: String,
    pub(super) heard: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    pub(super) async fn start(answer: String, pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let log = heard.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (log, answer) = (log.clone(), answer.clone());
                tokio::spawn(async move {
                    let mut buffer = vec![0; 16 << 10];
                    let length = stream.read(&mut buffer).await.unwrap_or(0);
                    log.lock().unwrap().push(String::from_utf8_lossy(&buffer[..length]).into_owned());
                    tokio::time::sleep(pause).await;
                    drop(stream.write_all(answer.as_bytes()).await);
                });
            }
        });
        Self { address, heard }
    }

    pub(super) fn answering(status: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
    }
}

#[tokio::test]
async fn what_a_plugin_keeps_survives_a_kill() {
    // Twice per login: once for each token.
    let plugins = plugins("", &json!([{ "do": "kv.increment", "key": "logins" }]));
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    let before = results(&server, "ada@example.com").await[0].as_i64().unwrap();
    server.kill().await;
    let server = Setup::new().data_of(&server).plugins(plugins.path()).start().await;
    let after = results(&server, "ada@example.com").await[0].as_i64().unwrap();
    assert_eq!(after, before + 2);
}

#[tokio::test]
async fn a_plugin_without_its_grants_is_refused_with_the_line_to_write() {
    let plugins = Plugins::with("host-calls");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.logs(&["plugin refused", "grants = [", "http", "secrets"]).await;
}

#[tokio::test]
async fn a_request_reaches_its_host_with_a_secret_that_nobody_else_sees() {
    let peer = Peer::start(Peer::answering("200 OK", "", "pro"), Duration::ZERO).await;
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "s3cret-value\n").unwrap();
    let call = json!({
        "do": "http", "method": "POST", "url": format!("http://{}/tier?user=1", peer.address), "value": "body",
        "secret_headers": [["authorization", "Bearer ", "API_KEY"]],
    });
    let plugins = plugins(
        &format!(
            "[http]\nhosts = [\"http://{0}\"]\nallow_private = [\"{0}\"]\n[secrets]\nAPI_KEY = {{ file = {1:?} }}
            [limits]\ntime_ms = 5000",
            peer.address,
            secret.path()
        ),
        &json!([call]),
    );
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    let results = results(&server, "ada@example.com").await;
    assert_eq!((&results[0]["status"], &results[0]["body"]), (&json!(200), &json!("pro")), "{results}");
    let heard = peer.heard.lock().unwrap().join("\n");
    for part in ["POST /tier?user=1 HTTP/1.1", "authorization: Bearer s3cret-value", "\r\n\r\nbody"] {
        assert!(heard.contains(part), "{heard}");
    }
    assert!(!server.log.text().contains("s3cret"), "{}", server.log.text());
}

#[tokio::test]
async fn no_way_leads_to_this_machine_unless_it_is_allowed() {
    let peer = Peer::start(Peer::answering("200 OK", "", "inner"), Duration::ZERO).await;
    let port = peer.address.rsplit(':').next().unwrap().to_owned();
    let hosts =
        ["127.0.0.1", "2130706433", "0x7f.0.0.1", "127.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"];
    let urls: Vec<_> = hosts.iter().map(|host| format!("http://{host}:{port}")).collect();
    let calls: Vec<_> = urls.iter().map(|url| json!({ "do": "http", "url": format!("{url}/") })).collect();
    let manifest = format!("[http]\nhosts = {urls:?}\n[limits]\ntime_ms = 5000\nhttp_requests = 20");
    let plugins = plugins(&manifest, &json!(calls));
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    let results = results(&server, "ada@example.com").await;
    for (url, result) in urls.iter().zip(results.as_array().unwrap()) {
        let error = result["error"].as_str().unwrap_or_else(|| panic!("{url}: {result}"));
        assert!(error.contains("denied") && error.contains("is not public"), "{url}: {error}");
    }
    assert!(peer.heard.lock().unwrap().is_empty(), "nobody was connected to");
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    let inner = Peer::start(Peer::answering("200 OK", "", "inner"), Duration::ZERO).await;
    let location = format!("location: http://{}/\r\n", inner.address);
    let outer = Peer::start(Peer::answering("302 Found", &location, ""), Duration::ZERO).await;
    let plugins = plugins(
        &format!(
            "[http]\nhosts = [\"http://{0}\"]\nallow_private = [\"{0}\"]\n[limits]\ntime_ms = 5000",
            outer.address
        ),
        &json!([
            { "do": "http", "url": format!("http://{}/", outer.address) },
            { "do": "http", "url": format!("http://{}/", inner.address) },
        ]),
    );
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    let results = results(&server, "ada@example.com").await;
    assert_eq!(results[0]["status"], 302);
    assert!(results[1]["error"].as_str().unwrap().contains("is not granted"), "{results}");
    assert!(inner.heard.lock().unwrap().is_empty(), "nobody followed");
}

#[tokio::test]
async fn a_slow_peer_costs_its_own_plugin_alone() {
    let peer = Peer::start(Peer::answering("200 OK", "", "late"), Duration::from_secs(60)).await;
    let plugins = plugins(
        &format!(
            "[http]\nhosts = [\"http://{0}\"]\nallow_private = [\"{0}\"]\n[limits]\ntime_ms = 300",
            peer.address
        ),
        &json!([{ "do": "http", "url": format!("http://{}/", peer.address) }]),
    );
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    let results = results(&server, "ada@example.com").await;
    assert!(results[0]["error"].as_str().unwrap().contains("no answer in time"), "{results}");
}

#[tokio::test]
async fn a_loop_of_host_calls_ends_with_its_time_and_the_server_serves_on() {
    let plugins = plugins("", &json!([{ "do": "kv.increment", "times": 1_000_000_000 }]));
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(503);
    server.logs(&["host-calls", "a hook failed"]).await;
    plugins.remove("host-calls");
    crate::kit::eventually("a registration without the plugin", || async {
        server.register("bob@example.com").await.status == 201
    })
    .await;
}
