//! Disks that are full or read-only: what changes nothing is served on, what is wrong is said in one line, and
//! when there is room again everything is as before.

use std::process::Command;
use std::time::Duration;

use hookgate_core::hooks::Hook;

use crate::kit::file_systems::{after, fill, free, may_mount, seen_by, with_mounts};
use crate::kit::{BINARY, Desk, Plugins, SECRET, Server, Setup, claims, eventually, guest, wat};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

/// A server whose data folder is a disk of this size.
fn on_a_disk_of(size: &str) -> Setup {
    Setup::new().before(with_mounts(&format!("mount -t tmpfs -o size={size} tmpfs \"$DATA\"")))
}

async fn added_by(server: &Server) -> String {
    let answer = server.login(ADA).await;
    answer.expect(200);
    let added = claims(&answer.text("access_token"))["added_by"].clone();
    added.as_str().map_or("nothing".to_owned(), |text| text.replace("jwt-add-claim ", ""))
}

fn good() -> Plugins {
    let plugins = Plugins::with("jwt-add-claim");
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"good\"\n");
    plugins
}

#[tokio::test]
async fn a_full_disk_costs_what_has_to_be_written_and_nothing_else() {
    if !may_mount() {
        return;
    }
    let plugins = good();
    let server = on_a_disk_of("8m").plugins(plugins.path()).start().await;
    let registered = server.register(ADA).await;
    let (access, refresh) = (registered.text("access_token"), registered.text("refresh_token"));
    assert_eq!(added_by(&server).await, "good");

    fill(&server);
    for _ in 0..5 {
        let answer = server.login(ADA).await;
        answer.expect_detail(503, "Service Unavailable");
        assert_eq!(answer.header("retry-after"), "1");
    }
    server.register(BOB).await.expect(503);
    server.refresh(&refresh).await.expect(503);
    server.get("/auth/me", &access).await.expect(200);
    server.get("/auth/me", "x").await.expect(401);
    server.get("/metrics", "").await.expect(200);
    server.logs(&["ERROR", "the database can't be written", "full"]).await;

    // Plugins come and go as ever, also those that were never compiled here.
    plugins.put("session-tag", &guest("session-tag"));
    server.logs(&["plugin loaded", "session-tag"]).await;
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"newer\"\n");
    server.logs(&["plugin loaded", "jwt-add-claim", "replaces"]).await;
    // An order that could not be kept is refused: it would be forgotten with the next start.
    let desk = Desk::at(&server, seen_by(&server));
    desk.refuses(&["plugin", "disable", "session-tag"], "", "No space left on device");
    for once in
        ["the database can't be written", "the plugin cache can't be written", "generations can't be kept"]
    {
        assert_eq!(server.log.count(&[once]), 1, "{once}: {}", server.log.text());
    }

    free(&server);
    eventually("there is room again", || async { server.register(BOB).await.status == 201 }).await;
    server.refresh(&refresh).await.expect(200);
    assert_eq!(added_by(&server).await, "newer");
    server.logs(&["the database can be written again", "failed="]).await;
    plugins.put("deny-all", &guest("deny-all"));
    eventually("the new plugin denies", || async { server.login(ADA).await.status == 403 }).await;
    desk.does(&["plugin", "rollback"], "");
    server.login(ADA).await.expect(200);
    assert_eq!(server.log.count(&["the database can be written again"]), 1);
}

#[tokio::test]
async fn an_event_whose_delivery_cannot_be_noted_is_not_delivered_again_and_again() {
    if !may_mount() {
        return;
    }
    let plugins = Plugins::none();
    // Takes a second or two, so that the disk is full when it ends.
    let slow = "(local $n i64) (local.set $n (i64.const 3000000000))
        (loop $on (br_if $on (i64.ne (local.tee $n (i64.sub (local.get $n) (i64.const 1))) (i64.const 0))))
        (i32.store8 (i32.const 0) (i32.const 0)) (i32.const 0)";
    plugins.put("slow", &wat::guest(Hook::OnSignup, "", slow));
    plugins.manifest("slow", "smoke_call = false\n[limits]\ntime_ms = 10000\ncpu_ms = 10000\n");
    let server = on_a_disk_of("8m").plugins(plugins.path()).start().await;
    server.register(ADA).await.expect(201);
    fill(&server);
    server.logs(&["ERROR", "delivery of events stopped for now"]).await;
    // By then it would have been tried again.
    tokio::time::sleep(Duration::from_secs(6)).await;
    free(&server);
    server.logs(&["delivery of events goes on"]).await;
    let page = server.get("/metrics", "").await.body;
    let told = "hookgate_hook_calls_total{plugin=\"slow\",hook=\"on-signup\",outcome=\"ok\"} 1";
    assert!(page.lines().any(|line| line == told), "{page}");
    assert!(page.contains("hookgate_outbox_pending 0"), "{page}");
    assert_eq!(server.log.count(&["delivery of events stopped"]), 1, "{}", server.log.text());
}

#[tokio::test]
async fn what_is_kept_of_plugins_may_be_read_only() {
    if !may_mount() {
        return;
    }
    let plugins = good();
    let read_only = "for folder in cache generations; do mkdir -p \"$DATA/$folder\"
        mount -t tmpfs -o ro tmpfs \"$DATA/$folder\"; done";
    let server = Setup::new().before(with_mounts(read_only)).plugins(plugins.path()).start().await;
    server.register(ADA).await.expect(201);
    assert_eq!(added_by(&server).await, "good");
    for value in ["one", "two"] {
        plugins.manifest("jwt-add-claim", &format!("[config]\nvalue = \"{value}\"\n"));
        eventually(value, || async { added_by(&server).await == value }).await;
    }
    plugins.put("session-tag", &guest("session-tag"));
    server.logs(&["plugin loaded", "session-tag"]).await;
    for once in ["the plugin cache can't be written", "generations can't be kept"] {
        assert_eq!(server.log.count(&[once]), 1, "{once}: {}", server.log.text());
        assert_eq!(server.log.count(&[once, "Read-only file system"]), 1, "{}", server.log.text());
    }
    Desk::at(&server, seen_by(&server)).refuses(&["plugin", "disable", "session-tag"], "", "Read-only");
}

#[test]
fn a_read_only_data_folder_is_said_before_anything_is_served() {
    if !may_mount() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let words = with_mounts(&format!("mount -t tmpfs -o ro tmpfs '{}'", data.path().display()));
    let output = Command::new(&words[0])
        .args(&words[1..])
        .args([BINARY, "serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data.path())
        .env("HOOKGATE_SECRET", SECRET)
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains(&*data.path().to_string_lossy()), "{message}");
    assert!(message.contains("Read-only") || message.contains("read-only"), "{message}");
    assert_eq!(message.trim().lines().count(), 1, "{message}");
}

#[tokio::test]
async fn a_log_that_takes_nothing_costs_nothing_but_the_log() {
    let plugins = good();
    plugins.put("log-flood", &guest("log-flood"));
    let server = Setup::new().before(after("exec 2>/dev/full")).plugins(plugins.path()).start().await;
    server.register(ADA).await.expect(201);
    assert_eq!(added_by(&server).await, "good");
    server.get("/auth/me", "x").await.expect(401);
    plugins.put("broken", b"nonsense");
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"new\"\n");
    eventually("plugins are exchanged", || async { added_by(&server).await == "new" }).await;
    assert_eq!(server.log.text(), "");
}
