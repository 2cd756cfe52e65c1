//! The time and randomness of guests without WASI.

use hookgate_core::hooks::{Hook, Stage};
use hookgate_hooks::{HookInput, HookOutput};

use crate::kit::{context, guest, load, user};

const OK: &str = "(call $answer (i32.const 0) (i32.const 0) (i32.const 0))";

async fn call(items: &str, body: &str) -> Result<HookOutput, Stage> {
    let (plugin, user) = (load("guest", guest(Hook::OnSignup, items, &format!("{body} {OK}"))).await, user());
    let input = HookInput::Event { hook: Hook::OnSignup, user: &user, text: None, passkey: None };
    plugin.call(&context(), input).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_is_right_and_the_other_one_runs() {
    let items = r#"
        (import "hookgate:hooks/clock@0.1.0" "now" (func $now (result i64)))
        (import "hookgate:hooks/clock@0.1.0" "monotonic" (func $monotonic (result i64)))"#;
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let body = format!(
        "(local $begin i64)
        (if (i64.lt_u (call $now) (i64.const {})) (then unreachable))
        (local.set $begin (call $monotonic))
        (if (i64.gt_u (local.get $begin) (i64.const 60000000000)) (then unreachable))
        (if (i64.lt_u (call $monotonic) (local.get $begin)) (then unreachable))",
        since.as_millis()
    );
    assert_eq!(call(items, &body).await, Ok(HookOutput::Taken));
}

const RANDOM: &str = r#"
    (import "hookgate:hooks/random@0.1.0" "bytes" (func $bytes (param i32 i32)))
    (import "hookgate:hooks/random@0.1.0" "number" (func $number (result i64)))"#;

#[tokio::test(flavor = "multi_thread")]
async fn random_bytes_come_in_the_wanted_number_and_differ() {
    let body = "(local $first i32)
        (if (i64.eq (call $number) (call $number)) (then unreachable))
        (call $bytes (i32.const 4096) (i32.const 64))
        (if (i32.ne (i32.load (i32.const 68)) (i32.const 4096)) (then unreachable))
        (local.set $first (i32.load (i32.const 64)))
        (call $bytes (i32.const 16) (i32.const 64))
        (if (i32.ne (i32.load (i32.const 68)) (i32.const 16)) (then unreachable))
        (if (i64.eq (i64.load (local.get $first)) (i64.load (i32.load (i32.const 64)))) (then unreachable))";
    assert_eq!(call(RANDOM, body).await, Ok(HookOutput::Taken));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_fewer_random_bytes_than_were_asked_for() {
    match call(RANDOM, "(call $bytes (i32.const 4097) (i32.const 64))").await {
        Err(Stage::Trap(text)) => assert!(text.contains("at most 4096"), "{text}"),
        other => panic!("{other:?}"),
    }
}
