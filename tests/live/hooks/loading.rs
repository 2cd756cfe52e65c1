//! Files that were not meant well, or not finished: none is served, each is one line in the log, and what
//! served before serves on.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::kit::{Plugins, Server, Setup, claims, eventually, gate_of, guest, wat};

const NAME: &str = "jwt-add-claim";

async fn added_by(server: &Server) -> String {
    let answer = server.login("ada@example.com").await;
    answer.expect(200);
    let added = claims(&answer.text("access_token"))["added_by"].clone();
    added.as_str().map_or("nothing".to_owned(), |text| text.replace("jwt-add-claim ", ""))
}

fn good() -> Plugins {
    let plugins = Plugins::with(NAME);
    plugins.manifest(NAME, "[config]\nvalue = \"good\"\n");
    plugins
}

/// A gate that is lifted asynchronously, as WASI 0.3 has it.
fn asynchronous() -> Vec<u8> {
    wat(r#"(component
        (core module $m (func (export "f") (result i32) (i32.const 0))
            (func (export "cb") (param i32 i32 i32) (result i32) (i32.const 0)))
        (core instance $i (instantiate $m))
        (func $f async (canon lift (core func $i "f") async (callback (core func $i "cb"))))
        (instance $e (export "allow-signin" (func $f)))
        (export "hookgate:hooks/allow-signin@0.1.0" (instance $e)))"#)
}

#[tokio::test]
async fn what_is_no_plugin_is_refused_in_one_line_and_changes_nothing() {
    let plugins = good();
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    let whole = guest(NAME);
    let foreign = wasmtime::Engine::default().precompile_component(&whole).unwrap();
    let looping = gate_of(r#"(func (export "f")) (func $start (loop br 0)) (start $start)"#);
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("empty", Vec::new(), "is empty"),
        ("text", b"#!/bin/sh\nexit 0\n".to_vec(), "is not WebAssembly"),
        ("truncated", whole[..whole.len() / 3].to_vec(), "ends in the middle"),
        ("core", wat("(module)"), "without the WIT"),
        ("asynchronous", asynchronous(), "asynchronous component functions"),
        ("foreign", foreign, "precompiled machine code"),
        ("start-loop", looping, "took longer than"),
        ("nothing", wat("(component)"), "exports no hook"),
    ];
    for (what, bytes, sentence) in cases {
        // As a new plugin, and in place of the good one.
        for name in [what, NAME] {
            plugins.put(name, &bytes);
            let refused = ["ERROR", name, sentence];
            eventually(&format!("{name} is refused as {what}: {}", server.log.text()), || {
                let is_refused = server.log.count(&refused) > 0;
                async move { is_refused }
            })
            .await;
            assert_eq!(server.log.count(&refused), 1, "{what} as {name}");
            assert_eq!(added_by(&server).await, "good", "{what} as {name}");
        }
        plugins.remove(what);
    }
    plugins.put(NAME, &whole);
    server.logs(&["plugin loaded", NAME, "replaces"]).await;
    assert_eq!(added_by(&server).await, "good");
}

#[tokio::test]
async fn a_link_that_leaves_the_folder_is_not_followed() {
    let plugins = good();
    let elsewhere = Plugins::with("deny-all");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    let target = elsewhere.path().join("deny-all.wasm");
    std::os::unix::fs::symlink(&target, plugins.path().join("deny-all.wasm")).unwrap();
    server.logs(&["ERROR", "deny-all", "is a symbolic link that leaves the plugin folder"]).await;
    server.login("ada@example.com").await.expect(200);
}

#[tokio::test]
async fn of_two_plugins_of_one_name_the_first_stays() {
    let plugins = good();
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    plugins.put("JWT-Add-Claim", &guest("deny-all"));
    let sentence = "has the name of `jwt-add-claim.wasm` but for upper and lower case; rename one of them";
    let refused = ["ERROR", "plugin refused", "`JWT-Add-Claim.wasm`", sentence];
    server.logs(&refused).await;
    assert_eq!(added_by(&server).await, "good");
    server.stop().await;
    assert_eq!(server.log.count(&refused), 1);
    // Though the other comes first in the alphabet.
    let server = Setup::new().plugins(plugins.path()).data_of(&server).start().await;
    server.logs(&refused).await;
    assert_eq!(added_by(&server).await, "good");
}

#[tokio::test]
async fn a_file_that_changes_all_the_time_is_taken_when_it_rests() {
    let plugins = good();
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    let path = plugins.path().join(format!("{NAME}.wasm"));
    let versions = [guest(NAME), guest("session-tag")];
    let is_done = Arc::new(AtomicBool::new(false));
    let writer = std::thread::spawn({
        let is_done = Arc::clone(&is_done);
        move || {
            let mut n = 0;
            while !is_done.load(Ordering::Relaxed) || n % 2 == 1 {
                n += 1;
                // In place and in two parts, so that what is read is rarely whole.
                let mut file = OpenOptions::new().write(true).truncate(true).open(&path).unwrap();
                let (head, tail) = versions[n % 2].split_at(versions[n % 2].len() / 2);
                file.write_all(head).unwrap();
                std::thread::sleep(Duration::from_millis(3));
                file.write_all(tail).unwrap();
                std::thread::sleep(Duration::from_millis(3));
            }
        }
    });
    for _ in 0..60 {
        let added = added_by(&server).await;
        assert!(["good", "nothing"].contains(&&*added), "a whole version, whichever: {added}");
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    is_done.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    eventually("the last one serves", || async { added_by(&server).await == "good" }).await;
    let lines = server.log.count(&["ERROR"]);
    assert!(lines <= 8, "not one for each of hundreds of changes: {lines}\n{}", server.log.text());
}

#[tokio::test]
async fn a_file_that_is_written_slowly_is_taken_when_it_is_whole() {
    let plugins = good();
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    let whole = guest("deny-all");
    let writing = async {
        // In place, as `cp` does it.
        let path = plugins.path().join(format!("{NAME}.wasm"));
        let mut file = OpenOptions::new().write(true).truncate(true).open(path).unwrap();
        for part in whole.chunks(whole.len() / 6 + 1) {
            file.write_all(part).unwrap();
            tokio::time::sleep(Duration::from_millis(120)).await;
        }
    };
    let meanwhile = async {
        for _ in 0..10 {
            assert_eq!(added_by(&server).await, "good");
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    };
    futures_util::future::join(writing, meanwhile).await;
    eventually("the new one is asked", || async { server.login("ada@example.com").await.status == 403 })
        .await;
}

#[tokio::test]
async fn of_many_changes_the_last_one_counts() {
    let plugins = good();
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    for n in 0..30 {
        plugins.put(NAME, &guest(if n % 2 == 0 { "deny-all" } else { NAME }));
        plugins.manifest(NAME, &format!("[config]\nvalue = \"{n}\"\n"));
        tokio::time::sleep(Duration::from_millis(n % 7 * 10)).await;
    }
    eventually("the last one serves", || async {
        server.login("ada@example.com").await.status == 200 && added_by(&server).await == "29"
    })
    .await;
    // Files that change together are one generation.
    let generations = server.log.count(&["a new generation of plugins serves"]);
    let together = ["a", "b", "c"].map(|name| {
        let aside = plugins.path().join(format!(".{name}"));
        fs::write(&aside, guest("deny-all")).unwrap();
        (aside, plugins.path().join(format!("deny-{name}.wasm")))
    });
    for (aside, place) in together {
        fs::rename(aside, place).unwrap();
    }
    eventually("all of it serves", || async { server.login("ada@example.com").await.status == 403 }).await;
    assert_eq!(server.log.count(&["a new generation of plugins serves"]), generations + 1);
}

/// Whatever moment a power cut chooses, the next start serves a whole version.
#[tokio::test]
async fn kill_9_in_the_middle_of_a_swap() {
    let plugins = good();
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    for n in 0..8 {
        plugins.manifest(NAME, &format!("[config]\nvalue = \"{n}\"\n"));
        plugins.put("session-tag", &guest(if n % 2 == 0 { "session-tag" } else { "slow-event" }));
        tokio::time::sleep(Duration::from_millis(40 + 13 * n)).await;
        server.kill().await;
        server = Setup::new().plugins(plugins.path()).data_of(&server).start().await;
        assert_eq!(added_by(&server).await, n.to_string());
        assert_eq!(server.log.count(&["ERROR"]), 0, "{}", server.log.text());
    }
}

#[tokio::test]
async fn generations_that_cannot_be_kept_are_missed_once_and_plugins_serve() {
    let plugins = good();
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.stop().await;
    fs::remove_dir_all(server.data_dir().join("generations")).unwrap();
    // As on a full disk or a read-only file system, but also for root, whom no permission stops.
    fs::write(server.data_dir().join("generations"), b"not a folder").unwrap();
    let server = Setup::new().plugins(plugins.path()).data_of(&server).start().await;
    assert_eq!(added_by(&server).await, "good");
    for value in ["one", "two"] {
        plugins.manifest(NAME, &format!("[config]\nvalue = \"{value}\"\n"));
        eventually(value, || async { added_by(&server).await == value }).await;
    }
    assert_eq!(server.log.count(&["generations can't be kept"]), 1, "{}", server.log.text());
}
