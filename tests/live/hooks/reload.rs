//! Plugins come, change and go while the server runs.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::kit::{Plugins, Server, Setup, claims, eventually, guest};

async fn added_by(server: &Server) -> serde_json::Value {
    let answer = server.login("ada@example.com").await;
    answer.expect(200);
    let added = claims(&answer.text("access_token"))["added_by"].clone();
    added.as_str().map_or(added.clone(), |text| text.trim_start_matches("jwt-add-claim ").into())
}

async fn becomes(server: &Server, value: &str) {
    eventually(&format!("tokens say {value}"), || async { added_by(server).await == value }).await;
}

#[tokio::test]
async fn a_plugin_is_live_when_it_is_dropped_in_and_gone_when_it_is_removed() {
    let plugins = Plugins::none();
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    assert!(added_by(&server).await.is_null());
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"one\"\n");
    plugins.put("jwt-add-claim", &guest("jwt-add-claim"));
    becomes(&server, "one").await;
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"two\"\n");
    becomes(&server, "two").await;
    plugins.remove("jwt-add-claim");
    eventually("the claim is gone", || async { added_by(&server).await.is_null() }).await;
}

#[tokio::test]
async fn a_bad_version_is_refused_by_name_and_the_last_good_one_serves_on() {
    let plugins = Plugins::with("jwt-add-claim");
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"good\"\n");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    let good = guest("jwt-add-claim");
    let bad: [(&str, Vec<u8>); 4] = [
        ("empty", Vec::new()),
        ("not wasm", b"not a component".to_vec()),
        ("truncated", good[..good.len() / 2].to_vec()),
        ("a core module", b"\0asm\x01\0\0\0".to_vec()),
    ];
    for (what, bytes) in bad {
        let before = server.log.count(&["jwt-add-claim", "refused"]);
        plugins.put("jwt-add-claim", &bytes);
        eventually(&format!("{what} is refused"), || {
            let now = server.log.count(&["jwt-add-claim", "refused"]);
            async move { now > before }
        })
        .await;
        assert_eq!(added_by(&server).await, "good", "{what}");
    }
    plugins.put("jwt-add-claim", &good);
    becomes(&server, "good").await;
}

#[tokio::test]
async fn a_bad_manifest_is_refused_by_key() {
    let plugins = Plugins::with("jwt-add-claim");
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"good\"\n");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    plugins.manifest("jwt-add-claim", "ordr = 1\n");
    server.logs(&["jwt-add-claim", "refused", "ordr", "order"]).await;
    assert_eq!(added_by(&server).await, "good");
}

#[tokio::test]
async fn settings_that_do_not_fit_their_schema_are_refused_by_key() {
    let schema = "[config_schema]\nrequired = [\"value\"]\nproperties.value.type = \"string\"\n\
        properties.value.maxLength = 5\nadditionalProperties = false\n";
    let plugins = Plugins::with("jwt-add-claim");
    plugins.manifest("jwt-add-claim", &format!("{schema}[config]\nvalue = \"good\"\n"));
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    assert_eq!(added_by(&server).await, "good");
    for (config, sentence) in [
        ("value = 7", "line 7: `config.value` must be a string, not a number"),
        ("value = \"too long\"", "line 7: `config.value` must have at most 5 characters, not 8"),
        ("", "line 6: `config.value` is missing"),
        ("value = \"x\"\nvalu = 1", "line 8: `config.valu` is unknown; did you mean `value`?"),
    ] {
        plugins.manifest("jwt-add-claim", &format!("{schema}[config]\n{config}\n"));
        server.logs(&["ERROR", "plugin refused", "jwt-add-claim.toml", sentence]).await;
        assert_eq!(added_by(&server).await, "good", "{config}");
    }
    plugins.manifest("jwt-add-claim", "[config_schema]\ntype = \"tabel\"\n");
    server.logs(&["ERROR", "plugin refused", "line 2: `config_schema.type`"]).await;
    plugins.manifest("jwt-add-claim", &format!("{schema}[config]\nvalue = \"new\"\n"));
    becomes(&server, "new").await;
}

#[tokio::test]
async fn a_bad_plugin_at_start_does_not_keep_the_others_from_serving() {
    let plugins = Plugins::with("jwt-add-claim");
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"good\"\n");
    plugins.put("broken", b"nonsense");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    assert_eq!(added_by(&server).await, "good");
    server.logs(&["broken", "refused"]).await;
}

#[tokio::test]
async fn no_request_is_lost_while_plugins_change() {
    let plugins = Plugins::with("jwt-add-claim");
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"0\"\n");
    let server = Setup::new().plugins(plugins.path()).start().await;
    let token = server.register("ada@example.com").await;
    let is_done = AtomicBool::new(false);
    let load = async {
        let mut token = token.text("refresh_token");
        let mut served = 0;
        while !is_done.load(Ordering::Relaxed) {
            let answer = server.refresh(&token).await;
            answer.expect(200);
            assert!(claims(&answer.text("access_token"))["added_by"].is_string());
            token = answer.text("refresh_token");
            served += 1;
        }
        served
    };
    let changes = async {
        for version in 1..=10 {
            plugins.manifest("jwt-add-claim", &format!("[config]\nvalue = \"{version}\"\n"));
            becomes(&server, &version.to_string()).await;
        }
        is_done.store(true, Ordering::Relaxed);
    };
    let (served, ()) = futures_util::future::join(load, changes).await;
    assert!(served > 10, "{served}");
}

#[tokio::test]
async fn a_new_version_that_fails_its_calls_is_taken_back() {
    let plugins = Plugins::with("jwt-add-claim");
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"good\"\n");
    let server = Setup::new().plugins(plugins.path()).start().await;
    let token = server.register("ada@example.com").await.text("refresh_token");
    assert_eq!(added_by(&server).await, "good");
    // It answers the smoke call, which asks for an access token; at a refresh it traps.
    plugins.put("jwt-add-claim", &guest("jwt-trap-on-refresh"));
    server.logs(&["plugin loaded", "replaces"]).await;
    let mut failed = 0;
    let served = loop {
        let answer = server.refresh(&token).await;
        if answer.status == 200 {
            break answer;
        }
        answer.expect(503);
        failed += 1;
        assert!(failed < 500, "it is never taken back");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert!(failed >= 5, "{failed}");
    let added = claims(&served.text("access_token"))["added_by"].clone();
    assert_eq!(added, "jwt-add-claim good");
    assert_eq!(server.log.count(&["ERROR", "the one before serves again"]), 1, "{}", server.log.text());
}
