//! The reference plugin of every language in a running server, as `tests/polyglot/build.sh` built it.
//!
//! A language that is not built is left out, and said; with `POLYGLOT_STRICT=1` it is a failure.

use std::fs;
use std::time::Duration;

use hookgate_polyglot::languages::Language;
use reqwest::Method;

use crate::kit::{Plugins, Server, Setup, claims, eventually_within};

/// The plugin imports everything, and reads these settings. Busy machines run this, too.
const MANIFEST: &str = r#"
grants = ["log", "config", "request", "clock", "random", "kv", "http", "secrets"]

[http]
hosts = ["api.example"]

[config]
greeting = "Grüß dich, 世界 🦊"
seats = 3

[config.nested]
list = [1, "two", true]

[limits]
time_ms = 10000
cpu_ms = 10000
"#;

/// What compiling an interpreter may take where the compiler itself is built for debugging.
const LOADING: Duration = Duration::from_secs(110);

macro_rules! languages {
    ($($test:ident: $name:literal,)*) => {$(
        #[tokio::test]
        async fn $test() {
            serves($name).await;
        }
    )*};
}

languages! {
    assemblyscript: "assemblyscript",
    c: "c",
    cpp: "cpp",
    go: "go",
    javascript: "javascript",
    javascript_on_spidermonkey: "javascript-spidermonkey",
    python: "python",
    rust: "rust",
    typescript: "typescript",
    zig: "zig",
}

/// Loads the plugin into a running server and goes through a sign-up, a sign-in, a denial and a failure.
async fn serves(name: &str) {
    let language = Language::named(name).unwrap();
    let Some(component) = language.built().unwrap() else { return };
    let plugins = Plugins::none();
    let server = Setup::new().plugins(plugins.path()).start().await;
    refuses_bad_settings(&server, &plugins, name, &fs::read(&component).unwrap()).await;
    plugins.manifest(name, MANIFEST);
    eventually_within(LOADING, &format!("{name} is loaded"), || {
        let is_loaded = server.log.count(&["plugin loaded", name]) > 0;
        async move { is_loaded }
    })
    .await;

    let registered = server.register("ada@example.com").await;
    let claimed = claims(&registered.expect(201).text("access_token"));
    assert_eq!(claimed["lang"], name);
    assert_eq!(claimed["greeting"], "Grüß dich, 世界 🦊");
    assert_eq!(claimed["config"]["nested"]["list"], serde_json::json!([1, "two", true]));
    let id = claimed["sub"].as_str().unwrap();
    server.logs(&[&format!("on-signup {id}"), name]).await;

    let login = server.login("ada@example.com").await;
    let token = login.expect(200).text("access_token");
    assert_eq!(claims(&token)["token"], "access");
    assert_eq!(claims(&token)["user"]["email"], "ada@example.com");
    server.logs(&[&format!("on-signin {id}"), name]).await;
    let logout = server.request(Method::POST, "/auth/logout").bearer_auth(&token);
    server.send(logout).await.expect(200);
    server.logs(&[&format!("on-signout {id}"), name]).await;

    server.register("denied@example.com").await.expect(201);
    let denied = server.login("denied@example.com").await;
    denied.expect_detail(403, "No entry, stranger. 🦊");
    assert_eq!(denied.json()["code"], "reference.denied");
    server.logs(&["denied@example.com by credentials", name]).await;

    let failed = server.register("error@example.com").await;
    failed.expect(503);
    assert!(!failed.body.contains("boom"), "{failed:?}");
    server.logs(&["boom error@example.com", name]).await;
}

/// What the plugin says of its settings is what the operator reads.
async fn refuses_bad_settings(server: &Server, plugins: &Plugins, name: &str, component: &[u8]) {
    plugins.manifest(name, &MANIFEST.replace("seats = 3", "seats = 0"));
    plugins.put(name, component);
    let sentence = "`seats` is 0: it must be a number from 1 on";
    eventually_within(LOADING, &format!("{name} refuses its settings"), || {
        let is_refused = server.log.count(&[sentence, name]) > 0;
        async move { is_refused }
    })
    .await;
}
