//! WASI as plugins get it: it is all there, and there is nothing in it.

use std::time::Duration;

use hookgate_core::hooks::{Hook, Stage};
use hookgate_hooks::{CallReport, HookInput, HookOutput};

use crate::kit::{Logged, context, data, load, user, wasi_guest};

const OK: &str = "(call $answer (i32.const 0) (i32.const 0) (i32.const 0))";

fn guest(items: &str, body: &str) -> Vec<u8> {
    wasi_guest(Hook::OnSignup, items, &format!("{body} {OK}"))
}

async fn call(bytes: Vec<u8>) -> Result<HookOutput, Stage> {
    measured(bytes).await.0
}

async fn measured(bytes: Vec<u8>) -> (Result<HookOutput, Stage>, CallReport) {
    let (plugin, user) = (load("wasi", bytes).await, user());
    let input = HookInput::Event { hook: Hook::OnSignup, user: &user, text: None, passkey: None };
    plugin.call(&context(), input).await
}

/// The function leaves a list whose length must be zero.
async fn assert_empty(interface: &str, function: &str) {
    let bytes = guest(
        &format!(r#"(import "{interface}" "{function}" (func $list (param i32)))"#),
        "(call $list (i32.const 64)) (if (i32.load (i32.const 68)) (then unreachable))",
    );
    assert_eq!(call(bytes).await, Ok(HookOutput::Taken), "{function}");
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_environment_no_argument_no_folder() {
    assert_empty("wasi:cli/environment@0.2.0", "get-environment").await;
    assert_empty("wasi:cli/environment@0.2.0", "get-arguments").await;
    assert_empty("wasi:filesystem/preopens@0.2.0", "get-directories").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_network() {
    let bytes = guest(
        r#"(import "wasi:sockets/tcp-create-socket@0.2.0" "create-tcp-socket" (func $socket (param i32 i32)))"#,
        // An error, and that is `access-denied`.
        "(call $socket (i32.const 0) (i32.const 64))
        (if (i32.ne (i32.load8_u (i32.const 64)) (i32.const 1)) (then unreachable))
        (if (i32.ne (i32.load8_u (i32.const 68)) (i32.const 1)) (then unreachable))",
    );
    assert_eq!(call(bytes).await, Ok(HookOutput::Taken));
}

#[tokio::test(flavor = "multi_thread")]
async fn clock_and_randomness_are_real() {
    let bytes = guest(
        r#"(import "wasi:clocks/wall-clock@0.2.0" "now" (func $now (param i32)))
        (import "wasi:random/random@0.2.0" "get-random-u64" (func $random (result i64)))"#,
        "(call $now (i32.const 64))
        (if (i64.lt_u (i64.load (i32.const 64)) (i64.const 1700000000)) (then unreachable))
        (if (i64.eq (call $random) (call $random)) (then unreachable))",
    );
    assert_eq!(call(bytes).await, Ok(HookOutput::Taken));
}

#[tokio::test(flavor = "multi_thread")]
async fn randomness_comes_in_portions() {
    let bytes = guest(
        r#"(import "wasi:random/random@0.2.0" "get-random-bytes" (func $random (param i64 i32)))"#,
        "(call $random (i64.const 50000000) (i32.const 64))",
    );
    assert!(matches!(call(bytes).await, Err(Stage::Trap(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_sleeps_in_the_host_is_ended_in_time() {
    let bytes = guest(
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $timer (param i64) (result i32)))
        (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))"#,
        "(call $block (call $timer (i64.const 3600000000000)))",
    );
    let (result, report) = measured(bytes).await;
    assert_eq!(result, Err(Stage::Deadline { limit_ms: 1_000 }));
    assert!(report.total < Duration::from_secs(10), "{report:?}");
    assert!(report.host >= Duration::from_millis(900), "it waited there: {report:?}");
    assert!(report.cpu < report.host, "and that cost no processor: {report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_is_a_failure_of_the_call() {
    let bytes = guest(
        r#"(import "wasi:cli/exit@0.2.0" "exit" (func $exit (param i32)))"#,
        "(call $exit (i32.const 0))",
    );
    assert_eq!(call(bytes).await, Err(Stage::Trap("exited with code 0 instead of answering".to_owned())));
}

#[tokio::test]
async fn what_is_printed_goes_to_the_log() {
    let text = "one\ntwo \u{1b}[31mred\r\nhalf";
    let write = |stream: &str, len: usize| {
        format!("(call $write (call ${stream}) (i32.const 1024) (i32.const {len}) (i32.const 64))")
    };
    let bytes = guest(
        &format!(
            r#"(import "wasi:cli/stdout@0.2.0" "get-stdout" (func $out (result i32)))
            (import "wasi:cli/stderr@0.2.0" "get-stderr" (func $err (result i32)))
            (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))
            {}"#,
            data(1024, text)
        ),
        &format!("{} {}", write("out", text.len()), write("err", 3)),
    );
    let (logged, _listening) = Logged::listen();
    assert_eq!(call(bytes).await, Ok(HookOutput::Taken));
    let text = logged.text();
    let lines: Vec<_> =
        text.lines().map(|line| line.split(" plugin=").next().unwrap_or_default().trim()).collect();
    for line in
        ["INFO plugin: one", r"INFO plugin: two \u{1b}[31mred", "INFO plugin: half", "WARN plugin: one"]
    {
        assert!(lines.contains(&line), "{line} is missing in {text}");
    }
    assert_eq!(lines.len(), 4, "{text}");
}

#[tokio::test]
async fn a_flood_of_printing_is_cut_and_does_not_fail_the_call() {
    let text = format!("{}\n", "z".repeat(99));
    let bytes = guest(
        &format!(
            r#"(import "wasi:cli/stdout@0.2.0" "get-stdout" (func $out (result i32)))
            (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))
            {}"#,
            data(1024, &text)
        ),
        "(local $n i32) (local $stream i32)
        (local.set $n (i32.const 2000)) (local.set $stream (call $out))
        (loop $on
            (call $write (local.get $stream) (i32.const 1024) (i32.const 100) (i32.const 64))
            (br_if $on (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))",
    );
    let (logged, _listening) = Logged::listen();
    assert_eq!(call(bytes).await, Ok(HookOutput::Taken));
    let text = logged.text();
    assert_eq!(text.lines().filter(|line| line.contains("zzz")).count(), 64 * 1024 / 99);
    assert!(text.contains(&format!("dropped={}", 2000 - 64 * 1024 / 99)), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn handles_are_limited() {
    let bytes = guest(
        r#"(import "wasi:cli/stdout@0.2.0" "get-stdout" (func $out (result i32)))"#,
        "(local $n i32) (local.set $n (i32.const 300))
        (loop $on (drop (call $out)) (br_if $on (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))",
    );
    let limit = Stage::Limit { name: "max_handles", what: "handles", limit: 256 };
    assert_eq!(call(bytes).await, Err(limit));
}
