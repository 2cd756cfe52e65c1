//! From bytes to machine code: in a process of its own, and kept.

use std::fs;
use std::path::PathBuf;

use crate::kit::{Plugins, Server, Setup, claims, compile_bomb, core_module, eventually, guest};

/// The entries of the cache.
fn entries(server: &Server) -> Vec<PathBuf> {
    let folder = fs::read_dir(server.data_dir().join("cache")).into_iter().flatten();
    let paths = folder.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "code")).collect()
}

async fn added_by(server: &Server) -> serde_json::Value {
    let answer = server.login("ada@example.com").await;
    answer.expect(200);
    claims(&answer.text("access_token"))["added_by"].clone()
}

fn one_plugin() -> Plugins {
    let plugins = Plugins::with("jwt-add-claim");
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"kept\"\n");
    plugins
}

#[tokio::test]
async fn a_compile_bomb_is_refused_and_costs_the_others_nothing() {
    let plugins = one_plugin();
    let server = Setup::new()
        .config("[hooks]\ncompile_ms = 3000\ncompile_memory_bytes = 1073741824\n")
        .plugins(plugins.path())
        .start()
        .await;
    server.register("ada@example.com").await.expect(201);
    plugins.put("bomb", &compile_bomb());
    eventually("a compiler runs", || async { !compilers_of(&server).is_empty() }).await;
    for _ in 0..20 {
        assert_eq!(added_by(&server).await, "jwt-add-claim kept");
    }
    server.logs(&["bomb", "refused", "so the compiler was stopped"]).await;
    eventually("the compiler is gone", || async { compilers_of(&server).is_empty() }).await;
    assert_eq!(server.log.count(&["bomb", "ERROR"]), 1, "one line");
}

#[tokio::test]
async fn a_plugin_that_changes_while_it_is_compiled_is_taken_as_it_is_then() {
    let plugins = one_plugin();
    let config = "[hooks]\ncompile_ms = 2000\ncompile_memory_bytes = 1073741824\n";
    let server = Setup::new().config(config).plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    plugins.put("jwt-add-claim", &compile_bomb());
    eventually("a compiler runs", || async { !compilers_of(&server).is_empty() }).await;
    // What is being compiled is a version that nobody wants any more.
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"next\"\n");
    plugins.put("jwt-add-claim", &guest("jwt-add-claim"));
    assert_eq!(added_by(&server).await, "jwt-add-claim kept");
    eventually("the version that lies there serves", || async {
        added_by(&server).await == "jwt-add-claim next"
    })
    .await;
    assert_eq!(server.log.count(&["ERROR", "plugin refused"]), 1, "{}", server.log.text());
    assert_eq!(server.log.count(&["ERROR"]), 1, "{}", server.log.text());
}

#[tokio::test]
async fn a_compiler_does_not_outlive_its_server() {
    let plugins = Plugins::none();
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    plugins.put("bomb", &compile_bomb());
    eventually("a compiler runs", || async { !compilers_of(&server).is_empty() }).await;
    let compilers = compilers_of(&server);
    server.kill().await;
    eventually("the compiler has ended, too", || async {
        compilers.iter().all(|pid| !PathBuf::from(format!("/proc/{pid}")).exists() || is_zombie(*pid))
    })
    .await;
}

/// The process ids of the server's children.
fn compilers_of(server: &Server) -> Vec<u32> {
    let parent = server.pid().to_string();
    let processes =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    processes
        .filter(|pid| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let after_name = stat.rsplit(')').next().unwrap_or_default();
            after_name.split_whitespace().nth(1) == Some(&parent)
        })
        .collect()
}

fn is_zombie(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "))
}

#[tokio::test]
async fn machine_code_is_kept_for_the_next_start() {
    let plugins = one_plugin();
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.logs(&["plugin loaded", "cached=false"]).await;
    assert_eq!(entries(&server).len(), 1);
    server.stop().await;
    let again = Setup::new().plugins(plugins.path()).data_of(&server).start().await;
    again.logs(&["plugin loaded", "cached=true"]).await;
    assert_eq!(added_by(&again).await, "jwt-add-claim kept");
}

#[tokio::test]
async fn what_somebody_else_wrote_into_the_cache_is_not_run() {
    let plugins = one_plugin();
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.stop().await;
    let entry = entries(&server).remove(0);
    let good = fs::read(&entry).unwrap();
    let middle = good.len() / 2;
    let mut flipped = good.clone();
    flipped[middle] ^= 0xff;
    let mut foreign = good[..48].to_vec();
    foreign.extend(wasmtime::Engine::default().precompile_component(&guest("gate-trap")).unwrap());
    for (what, poison) in [("flipped", flipped), ("foreign", foreign), ("cut", good[..middle].to_vec())] {
        fs::write(&entry, poison).unwrap();
        let mut server = Setup::new().plugins(plugins.path()).data_of(&server).start().await;
        server.logs(&["plugin loaded", "cached=false"]).await;
        assert_eq!(added_by(&server).await, "jwt-add-claim kept", "{what}");
        assert_eq!(server.log.count(&["WARN", "cache"]), 1, "{what}: {}", server.log.text());
        server.stop().await;
        assert_eq!(fs::read(&entry).unwrap().len(), good.len(), "{what}: made anew");
    }
}

#[tokio::test]
async fn another_secret_is_another_cache() {
    let plugins = one_plugin();
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    server.stop().await;
    let mut other = Setup::new()
        .plugins(plugins.path())
        .data_of(&server)
        .secret("another secret, as long as it has to be")
        .start()
        .await;
    other.logs(&["plugin loaded", "cached=false"]).await;
    other.stop().await;
}

#[tokio::test]
async fn without_a_cache_that_can_be_written_everything_works_and_says_so_once() {
    let plugins = one_plugin();
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.stop().await;
    let cache = server.data_dir().join("cache");
    fs::remove_dir_all(&cache).unwrap();
    // As on a full disk or a read-only file system, but also for root, whom no permission stops.
    fs::write(&cache, b"not a folder").unwrap();
    let server = Setup::new().plugins(plugins.path()).data_of(&server).start().await;
    assert_eq!(added_by(&server).await, "jwt-add-claim kept");
    plugins.put("session-tag", &guest("session-tag"));
    server.logs(&["plugin loaded", "session-tag"]).await;
    assert_eq!(server.log.count(&["WARN", "the plugin cache can't be written"]), 1);
}

#[tokio::test]
async fn a_core_module_that_carries_its_wit_is_a_plugin() {
    let plugins = Plugins::none();
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    // It must keep what is reserved; so it answers something that is refused, by name.
    plugins.put("plain", &core_module("", r#"{"sub":"somebody else"}"#));
    server.logs(&["plugin loaded", "plain"]).await;
    server.login("ada@example.com").await.expect(503);
    server.logs(&["plain", "modify-jwt", "a hook failed"]).await;
    plugins.remove("plain");
    eventually("it is gone", || async { server.login("ada@example.com").await.status == 200 }).await;

    let preview1 = r#"(import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))"#;
    plugins.put("preview1", &core_module(preview1, "{}"));
    server.logs(&["plugin loaded", "preview1"]).await;
    let unknown = r#"(import "env" "open_the_door" (func))"#;
    plugins.put("unknown", &core_module(unknown, "{}"));
    server.logs(&["unknown", "refused", "can't be made a component", "env"]).await;
}
