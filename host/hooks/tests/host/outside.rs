//! `kv`, `http` and `secrets` as a guest sees them, with a store in memory and a made-up network.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use hookgate_core::clock::{ManualClock, Timestamp};
use hookgate_hooks::{
    CallReport, EngineConfig, HookEngine, HookInput, HookOutput, HostServices, HttpClient, HttpClients,
    HttpFailure, HttpLimits, Manifest, PreparedPlugin, PrivateAddress, Refusal,
};
use hookgate_store::MemoryStore;
use serde_json::{Value, json};

use crate::kit::{context, user};

const GRANTS: &str = r#"grants = ["log", "config", "clock", "kv", "http", "secrets"]"#;

/// Answers everything with what it is told to, and remembers what it was asked.
#[derive(Default)]
struct Network {
    answer: Mutex<Option<Result<http::Response<Bytes>, HttpFailure>>>,
    asked: Mutex<Vec<(http::Request<Bytes>, HttpLimits)>>,
    private: Mutex<Vec<PrivateAddress>>,
    /// How long every answer takes.
    delay: Mutex<Duration>,
}

#[derive(Clone)]
struct Client(Arc<Network>);

impl HttpClients for Client {
    fn client(&self, allow_private: &[PrivateAddress]) -> Arc<dyn HttpClient> {
        self.0.private.lock().expect("no panic").extend_from_slice(allow_private);
        Arc::new(self.clone())
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: HttpLimits,
    ) -> Result<http::Response<Bytes>, HttpFailure> {
        self.0.asked.lock().expect("no panic").push((request, limits));
        let delay = *self.0.delay.lock().expect("no panic");
        tokio::time::sleep(delay).await;
        match &*self.0.answer.lock().expect("no panic") {
            Some(answer) => answer.clone(),
            None => Ok(http::Response::new(Bytes::from_static(b"fine"))),
        }
    }
}

/// A server with a store, a network and a clock.
struct Server {
    engine: HookEngine,
    network: Arc<Network>,
    clock: Arc<ManualClock>,
}

fn server() -> Server {
    let network = Arc::new(Network::default());
    let clock = Arc::new(ManualClock::at(Timestamp(1_800_000_000)));
    let engine =
        HookEngine::new(EngineConfig { concurrent_calls: Some(16), ..EngineConfig::default() }).expect("one");
    engine.lend(HostServices {
        clock: clock.clone(),
        kv: Some(MemoryStore::new().adapters().plugin_kv),
        http: Some(Arc::new(Client(network.clone()))),
    });
    Server { engine, network, clock }
}

fn component() -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/guests/prebuilt/host-calls.wasm");
    std::fs::read(path).expect("the guest is built")
}

impl Server {
    async fn load(&self, name: &str, manifest: &str) -> Plugin {
        self.try_load(name, manifest).await.unwrap_or_else(|refusal| panic!("{name} {refusal}"))
    }

    async fn try_load(&self, name: &str, manifest: &str) -> Result<Plugin, Refusal> {
        let manifest = Manifest::parse(manifest).expect("a manifest");
        self.engine.prepare(name, component(), manifest).await.map(Plugin)
    }
}

struct Plugin(Arc<PreparedPlugin>);

impl Plugin {
    /// Makes these host calls in one call of the plugin.
    async fn make(&self, calls: Value) -> Vec<Value> {
        self.measure(calls).await.0
    }

    async fn measure(&self, calls: Value) -> (Vec<Value>, CallReport) {
        let object = json!({ "calls": calls }).as_object().expect("an object").clone();
        let plugin = self.0.with_config(hookgate_hooks::PluginConfig::from_json(object));
        let user = user();
        let (output, report) =
            plugin.call(&context(), HookInput::ModifyJwt { claims: "{}", user: &user }).await;
        let Ok(HookOutput::Json(text)) = output else { panic!("{output:?}") };
        let mut answer: Value = serde_json::from_str(&text).expect("JSON");
        (serde_json::from_value(answer["results"].take()).expect("a list"), report)
    }

    async fn one(&self, call: Value) -> Value {
        self.make(json!([call])).await.remove(0)
    }

    async fn error(&self, call: Value) -> String {
        let answer = self.one(call).await;
        answer["error"].as_str().unwrap_or_else(|| panic!("no error: {answer}")).to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_granted_is_refused_with_the_line_to_write() {
    let server = server();
    for (manifest, text) in [
        (
            "",
            "imports kv, which its manifest does not grant; write `grants = [\"log\", \"config\", \"clock\", \"kv\", \"http\", \"secrets\"]` into it, or",
        ),
        (
            r#"grants = ["log", "config", "clock", "kv", "secrets"]"#,
            "and, below [http], `hosts = [\"HOST\"]`",
        ),
        (r#"grants = ["log", "config", "clock", "kv", "http"]"#, "and, below [secrets], `NAME = { file ="),
    ] {
        let refusal = server.try_load("p", manifest).await.err().expect("refused").to_string();
        assert!(refusal.contains(text), "{refusal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_outlives_the_call_and_the_plugin() {
    let server = server();
    let plugin = server.load("keeper", GRANTS).await;
    let results = plugin
        .make(json!([
            { "do": "kv.get" },
            { "do": "kv.set", "value": "1", "ttl": 10 },
            { "do": "kv.increment", "by": 41 },
            { "do": "kv.compare-and-set", "expected": "x", "value": "y" },
            { "do": "kv.compare-and-set", "expected": "42", "value": "43", "ttl": 5 },
        ]))
        .await;
    assert_eq!(results, [json!(null), json!(null), json!(42), json!(false), json!(true)]);

    let again = server.load("keeper", GRANTS).await;
    assert_eq!(again.one(json!({ "do": "kv.get" })).await, "43");
    let other = server.load("other", GRANTS).await;
    assert_eq!(other.one(json!({ "do": "kv.get" })).await, json!(null), "another plugin sees nothing of it");
    other.one(json!({ "do": "kv.delete" })).await;
    assert_eq!(again.one(json!({ "do": "kv.get" })).await, "43", "and deletes nothing of it");

    server.clock.advance(5);
    assert_eq!(again.one(json!({ "do": "kv.get" })).await, json!(null), "its time is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_an_answer_is_time_in_the_host() {
    const DELAY: Duration = Duration::from_millis(30);
    let server = server();
    let plugin = server.load("caller", &format!("{GRANTS}\n[http]\nhosts = [\"api.example\"]")).await;
    let (_, report) = plugin.measure(json!([{ "do": "kv.get" }])).await;
    assert!(report.host > Duration::ZERO && report.host < report.guest, "{report:?}");

    *server.network.delay.lock().expect("no panic") = DELAY;
    let (_, report) = plugin.measure(json!([{ "do": "http", "url": "https://api.example/" }])).await;
    assert!(report.host >= DELAY && report.host < report.guest, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_begins_with_its_first_increment() {
    let server = server();
    let plugin = server.load("limiter", GRANTS).await;
    let increment = || plugin.one(json!({ "do": "kv.increment", "ttl": 60 }));
    assert_eq!(increment().await, 1);
    server.clock.advance(59);
    assert_eq!(increment().await, 2);
    server.clock.advance(1);
    assert_eq!(increment().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn increments_of_many_calls_are_all_counted() {
    let server = server();
    let plugin = Arc::new(server.load("counter", GRANTS).await);
    let calls: tokio::task::JoinSet<_> = (0..40)
        .map(|_| {
            let plugin = plugin.clone();
            async move { plugin.one(json!({ "do": "kv.increment", "times": 5 })).await }
        })
        .collect();
    calls.join_all().await;
    assert_eq!(plugin.one(json!({ "do": "kv.get" })).await, "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_kept_says_why() {
    let server = server();
    let manifest = format!("{GRANTS}\n[limits]\nkv_entries = 2\nkv_bytes = 30\nkv_value_bytes = 20");
    let plugin = server.load("hoarder", &manifest).await;
    for (call, text) in [
        (json!({ "do": "kv.get", "key": "" }), "the key is empty"),
        (json!({ "do": "kv.delete", "key": "k".repeat(257) }), "longer than 256 bytes"),
        (json!({ "do": "kv.set", "value": "x".repeat(21) }), "longer than 20 bytes (`kv_value_bytes`)"),
    ] {
        let error = plugin.error(call).await;
        assert!(error.contains(text), "{error}");
    }
    plugin
        .make(json!([{ "do": "kv.set", "key": "a", "value": "text" }, { "do": "kv.set", "key": "b" }]))
        .await;
    for (call, text) in [
        (json!({ "do": "kv.set", "key": "c" }), "2 entries are used (`kv_entries`)"),
        (json!({ "do": "kv.compare-and-set", "key": "c", "value": "" }), "2 entries"),
        (json!({ "do": "kv.increment", "key": "c" }), "2 entries"),
        (json!({ "do": "kv.set", "key": "b", "value": "x".repeat(20) }), ""),
        (
            json!({ "do": "kv.set", "key": "a", "value": "x".repeat(20) }),
            "no room for it in 30 bytes (`kv_bytes`)",
        ),
        (json!({ "do": "kv.increment", "key": "a" }), "is no number"),
    ] {
        if text.is_empty() {
            assert_eq!(plugin.one(call).await, json!(null));
        } else {
            let error = plugin.error(call).await;
            assert!(error.contains(text), "{error}");
        }
    }
    assert_eq!(plugin.one(json!({ "do": "kv.get", "key": "a" })).await, "text", "what was there stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_services_plugins_are_told_so() {
    let engine = HookEngine::new(EngineConfig { concurrent_calls: Some(16), ..EngineConfig::default() });
    let manifest = format!("{GRANTS}\n[http]\nhosts = [\"example.com\"]");
    let manifest = Manifest::parse(&manifest).expect("a manifest");
    let plugin = Plugin(engine.expect("one").prepare("p", component(), manifest).await.expect("loaded"));
    assert!(plugin.error(json!({ "do": "kv.get" })).await.contains("storage failed"));
    let error = plugin.error(json!({ "do": "http", "url": "https://example.com/" })).await;
    assert!(error.contains("sends no requests"), "{error}");
}

fn get(url: &str) -> Value {
    json!({ "do": "http", "url": url })
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_go_to_granted_hosts_only() {
    let server = server();
    let manifest = format!(
        "{GRANTS}\n[http]\nhosts = [\"api.example.com\", \"*.example.org:8443\", \"http://127.0.0.1:9000\"]
        methods = [\"GET\"]\nallow_private = [\"127.0.0.1:9000\"]\n[limits]\nhttp_requests = 64"
    );
    let plugin = server.load("caller", &manifest).await;
    assert_eq!(server.network.private.lock().expect("no panic").len(), 1);
    for url in [
        "https://api.example.com/tiers?user=1#part",
        "https://API.example.com./",
        "https://a.b.example.org:8443/",
        "http://2130706433:9000/",
        "http://0x7f.1:9000/",
    ] {
        let answer = plugin.one(get(url)).await;
        assert_eq!((&answer["status"], &answer["body"]), (&json!(200), &json!("fine")), "{url}: {answer}");
    }
    let sent = server.network.asked.lock().expect("no panic").split_off(0);
    assert_eq!(sent[0].0.uri(), "https://api.example.com/tiers?user=1");
    assert_eq!(sent[3].0.uri(), "http://127.0.0.1:9000/", "what was checked is what is sent");

    for (call, text) in [
        (
            get("https://example.org:8443/"),
            "denied: the host https://example.org:8443 is not granted: add it",
        ),
        (get("http://api.example.com/"), "denied: the host http://api.example.com is not granted"),
        (get("https://api.example.com:444/"), "is not granted"),
        (get("http://[::ffff:127.0.0.1]:9000/"), "is not granted"),
        (get("https://api.example.com@evil.example/"), "user and password"),
        (get("https://api.example.com\\@evil.example/"), ""),
        (get("https://x:y@api.example.com/"), "user and password"),
        (get("ftp://api.example.com/"), "neither https nor http"),
        (get("file:///etc/passwd"), "neither https nor http"),
        (get("/relative"), "not a request: url"),
        (get(&format!("https://api.example.com/{}", "x".repeat(9000))), "longer than 8192 bytes"),
        (
            json!({ "do": "http", "url": "https://api.example.com/", "method": "POST" }),
            "the method POST is not granted",
        ),
        (
            json!({ "do": "http", "url": "https://api.example.com/", "method": "BAD METHOD" }),
            "method: it is none",
        ),
    ] {
        if text.is_empty() {
            // A backslash is a slash to the URL standard: the host is the granted one.
            assert_eq!(plugin.one(call).await["status"], 200);
            assert_eq!(
                server.network.asked.lock().expect("no panic").pop().expect("sent").0.uri().host(),
                Some("api.example.com")
            );
            continue;
        }
        let error = plugin.error(call.clone()).await;
        assert!(error.contains(text), "{call}: {error}");
    }
    assert!(server.network.asked.lock().expect("no panic").is_empty(), "nothing else was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_without_hosts_allows_nothing() {
    let plugin = server().load("nobody", GRANTS).await;
    let error = plugin.error(get("https://example.com/a")).await;
    assert!(
        error.contains(r#"denied: no host is granted: add `hosts = ["https://example.com"]` under [http]"#),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_of_the_connection_are_the_servers() {
    let server = server();
    let plugin = server.load("caller", &format!("{GRANTS}\n[http]\nhosts = [\"a.example\"]")).await;
    let with = |name: &str, value: &str| json!({ "do": "http", "url": "https://a.example/", "headers": [[name, value]] });
    for name in
        ["Host", "connection", "Transfer-Encoding", "content-length", "upgrade", "te", "Proxy-Authorization"]
    {
        let error = plugin.error(with(name, "x")).await;
        assert!(error.contains("is the server's to set"), "{name}: {error}");
    }
    for (name, value) in [("x y", "1"), ("", "1"), ("x", "a\r\nb: c"), ("x\r\ny", "1"), ("x", "\0")] {
        let error = plugin.error(with(name, value)).await;
        assert!(error.contains("not a request: headers"), "{name:?}: {error}");
    }
    let many: Vec<_> = (0..65).map(|n| json!([format!("x-{n}"), "1"])).collect();
    let error = plugin.error(json!({ "do": "http", "url": "https://a.example/", "headers": many })).await;
    assert!(error.contains("more than 64"), "{error}");
    let error = plugin.error(with("x", &"y".repeat(17_000))).await;
    assert!(error.contains("larger than 16384 bytes"), "{error}");
    assert!(server.network.asked.lock().expect("no panic").is_empty(), "nothing was sent");
    plugin.one(with("X-Own", "1")).await;
    let (sent, _) = server.network.asked.lock().expect("no panic").pop().expect("sent");
    assert_eq!(sent.headers()["x-own"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_have_budgets() {
    let server = server();
    let limits = "[limits]\nhttp_requests = 2\nhttp_request_bytes = 10\nhttp_response_bytes = 99\ntime_ms = 2000\nhttp_timeout_ms = 700";
    let plugin = server.load("caller", &format!("{GRANTS}\n[http]\nhosts = [\"a.example\"]\n{limits}")).await;
    let post = |body: &str, timeout_ms: Option<u64>| json!({ "do": "http", "method": "POST", "url": "https://a.example/", "value": body, "timeout_ms": timeout_ms });
    let results = plugin
        .make(json!([post("12345678901", None), post("1", None), post("2", Some(50)), post("3", None)]))
        .await;
    assert!(results[0]["error"].as_str().is_some_and(|error| error.contains("larger than allowed")));
    assert_eq!(results[1]["status"], 200);
    assert!(
        results[3]["error"].as_str().is_some_and(|error| error.contains("all its 2 requests")),
        "{results:?}"
    );
    let asked = server.network.asked.lock().expect("no panic").split_off(0);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].1, HttpLimits { time: Duration::from_millis(700), response_bytes: 99 });
    assert_eq!(asked[1].1.time, Duration::from_millis(50), "what the plugin asks for, if it is less");

    let short = server.load("short", &format!("{GRANTS}\n[http]\nhosts = [\"a.example\"]")).await;
    short.one(post("1", Some(60_000))).await;
    let (_, limits) = server.network.asked.lock().expect("no panic").pop().expect("sent");
    assert!(limits.time <= Duration::from_millis(900), "never longer than the call has left: {limits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_has_a_name() {
    let server = server();
    let plugin = server.load("caller", &format!("{GRANTS}\n[http]\nhosts = [\"a.example\"]")).await;
    for (failure, text) in [
        (HttpFailure::Denied("10.0.0.1 is not public".to_owned()), "denied: 10.0.0.1 is not public"),
        (HttpFailure::Timeout, "no answer in time"),
        (HttpFailure::TooLarge, "larger than allowed"),
        (HttpFailure::Connection("connection refused".to_owned()), "http: connection refused"),
    ] {
        *server.network.answer.lock().expect("no panic") = Some(Err(failure));
        let error = plugin.error(get("https://a.example/")).await;
        assert!(error.contains(text), "{error}");
    }
    let redirect =
        http::Response::builder().status(302).header("location", "http://10.0.0.1/").body(Bytes::new());
    *server.network.answer.lock().expect("no panic") = Some(Ok(redirect.expect("a response")));
    let answer = plugin.one(get("https://a.example/")).await;
    assert_eq!((&answer["status"], &answer["location"]), (&json!(302), &json!("http://10.0.0.1/")));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_used_and_never_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    std::fs::write(&file, "s3cret-value\n").expect("written");
    let server = server();
    let manifest = format!(
        "{GRANTS}\n[http]\nhosts = [\"a.example\", \"b.example\"]\n[secrets]
        API_KEY = {{ file = {file:?} }}\nFOR_B = {{ file = {file:?}, hosts = [\"b.example\"] }}"
    );
    let plugin = server.load("user", &manifest).await;
    assert_eq!(plugin.one(json!({ "do": "secrets.names" })).await, json!(["API_KEY", "FOR_B"]));
    let to = |url: &str, secret: &str, prefix: &str| json!({ "do": "http", "url": url, "secret_headers": [["Authorization", prefix, secret]] });
    assert_eq!(plugin.one(to("https://a.example/", "API_KEY", "Bearer ")).await["status"], 200);
    let (sent, _) = server.network.asked.lock().expect("no panic").pop().expect("sent");
    assert_eq!(sent.headers()["authorization"], "Bearer s3cret-value");
    assert!(sent.headers()["authorization"].is_sensitive());

    for (call, text) in [
        (
            to("https://a.example/", "OTHER", ""),
            "denied: the secret `OTHER` is not granted: add it under [secrets]",
        ),
        (to("https://a.example/", "FOR_B", ""), "denied: the secret `FOR_B` is not for https://a.example"),
        (to("https://c.example/", "API_KEY", ""), "denied: the host https://c.example is not granted"),
        (to("https://a.example/", "API_KEY", "x\r\ny: "), "`API_KEY` can't be in a header"),
    ] {
        let error = plugin.error(call).await;
        assert!(error.contains(text), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
    }
    assert_eq!(plugin.one(to("https://b.example/", "FOR_B", "")).await["status"], 200);

    // RFC 4231 is no help with keys of one's own: computed with `openssl dgst -sha256 -hmac s3cret-value`.
    let hmac = plugin.one(json!({ "do": "secrets.hmac", "key": "API_KEY", "value": "data" })).await;
    assert_eq!(hmac, json!("8f78584c63b967f2b17f7b3bac657925d2a2442fa3db86b22499690047747b9d"));
    assert_eq!(plugin.one(json!({ "do": "secrets.hmac", "key": "NONE" })).await, json!(null));
    let shown = format!("{:?} {:?}", plugin.0, plugin.0.manifest());
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_not_there_refuses_the_plugin() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().join("empty");
    std::fs::write(&empty, "\n").expect("written");
    let server = server();
    for (source, text) in [
        (format!("file = {:?}", folder.path().join("none")), "can't have its secrets: the secret `KEY`: "),
        (format!("file = {empty:?}"), "the secret `KEY`: it is empty"),
        ("env = \"HOOKGATE_SECRET_NOT_SET\"".to_owned(), "the variable HOOKGATE_SECRET_NOT_SET is not set"),
    ] {
        let manifest = format!("{GRANTS}\n[secrets]\nKEY = {{ {source} }}");
        let refusal = server.try_load("user", &manifest).await.err().expect("refused").to_string();
        assert!(refusal.contains(text), "{refusal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_of_host_calls_ends_with_its_time() {
    let server = server();
    let plugin = server.load("busy", GRANTS).await;
    let config = json!({ "calls": [{ "do": "kv.increment", "times": 4_000_000_000_u32 }] });
    let config = hookgate_hooks::PluginConfig::from_json(config.as_object().expect("an object").clone());
    let plugin = plugin.0.with_config(config);
    let user = user();
    let (output, _) = plugin.call(&context(), HookInput::ModifyJwt { claims: "{}", user: &user }).await;
    assert!(format!("{output:?}").contains("Cpu"), "{output:?}");
}

#[test]
fn a_manifest_says_what_is_wrong_with_its_grants() {
    let error = |text: &str| Manifest::parse(text).expect_err("a mistake").to_string();
    for (text, message) in [
        (
            "[http]\nhosts = [\"a.example\"]",
            "line 1: [http] grants nothing by itself; add \"http\" to `grants`",
        ),
        ("grants = [\"log\"]\n[secrets]", "line 2: [secrets] grants nothing by itself"),
        ("grants = [\"http\"]\n[http]\nhost = []", "line 3: unknown key `host`; did you mean `hosts`?"),
        ("grants = [\"http\"]\n[http]\nhosts = [\"*\"]", "`*` has a `*` that is not the whole first label"),
        (
            "grants = [\"http\"]\n[http]\nhosts = [\"https://a.example/x\"]",
            "is more than scheme, host and port",
        ),
        (
            "grants = [\"http\"]\n[http]\nmethods = [\"CONNECT\"]",
            "`CONNECT` is not a method that plugins may use",
        ),
        (
            "grants = [\"http\"]\n[http]\nallow_private = [\"localhost\"]",
            "`localhost` is neither an address nor a range",
        ),
        (
            "grants = [\"secrets\"]\n[secrets]\nA = { env = \"DATABASE_URL\" }",
            "does not begin with HOOKGATE_SECRET_",
        ),
        ("grants = [\"secrets\"]\n[secrets]\nA = { file = \"key\" }", "is not an absolute path"),
        ("grants = [\"secrets\"]\n[secrets]\nA = {}", "a secret is either"),
        ("grants = [\"secrets\"]\n[secrets]\nA = \"clear text\"", "line 3"),
    ] {
        let error = error(text);
        assert!(error.contains(message), "{text:?}: {error}");
    }
}

#[test]
fn private_addresses_are_the_manifests() {
    let manifest = "grants = [\"http\"]\n[http]\nallow_private = [\"127.0.0.1:9000\", \"10.0.0.0/8\"]";
    let manifest = Manifest::parse(manifest).expect("a manifest");
    let covers = |address: &str| {
        let address: SocketAddr = address.parse().expect("an address");
        manifest.http.allow_private.iter().any(|private| private.covers(address))
    };
    assert!(covers("127.0.0.1:9000") && covers("10.9.8.7:1"));
    assert!(!covers("127.0.0.1:9001") && !covers("192.168.0.1:1"));
}
