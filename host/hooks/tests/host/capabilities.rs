//! What guests get from the host, and what of theirs reaches the log.

use hookgate_core::hooks::{DeliveryError, Hook, Hooks, Stage, TokenUse};
use hookgate_hooks::{HookInput, Registry};

use crate::kit::{
    Logged, claims, context, data, denying, event, failing, guest, load, load_with, registry, user,
};

/// A guest whose error text is what a host function answered: `option<string>` or `string`.
fn telling(hook: Hook, import: &str, call: &str, optional: bool) -> Vec<u8> {
    let (tag, text, len) = if optional { (64, 68, 72) } else { (80, 64, 68) };
    guest(
        hook,
        &format!("{import} {}", data(128, "absentplanseats")),
        &format!(
            "(i32.store (i32.const 80) (i32.const 1))
            {call}
            (if (i32.load8_u (i32.const {tag}))
                (then (return (call $answer (i32.const 1) (i32.load (i32.const {text})) (i32.load (i32.const {len}))))))
            (call $answer (i32.const 0) (i32.const 0) (i32.const 0))"
        ),
    )
}

async fn told(bytes: Vec<u8>, manifest: &str) -> Option<String> {
    let registry = Registry::new(vec![load_with("teller", bytes, manifest).await]);
    match registry.pin().deliver("teller", &event(Hook::OnSignup).by("google"), 3).await {
        Ok(()) => None,
        Err(DeliveryError::Failed(failure)) => match failure.stage {
            Stage::Guest(text) => Some(text),
            other => panic!("{other}"),
        },
        Err(other) => panic!("{other}"),
    }
}

fn setting(at: usize, len: usize) -> Vec<u8> {
    telling(
        Hook::OnSignup,
        r#"(import "hookgate:hooks/config@0.1.0" "get" (func $get (param i32 i32 i32)))"#,
        &format!("(call $get (i32.const {at}) (i32.const {len}) (i32.const 64))"),
        true,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_the_operators() {
    let manifest = "[config]\nplan = \"pro\"\nseats = 3";
    assert_eq!(told(setting(134, 4), manifest).await.as_deref(), Some("pro"));
    assert_eq!(told(setting(138, 5), manifest).await.as_deref(), Some("3"));
    assert_eq!(told(setting(128, 6), manifest).await, None);
    assert_eq!(told(setting(134, 4), "").await, None);

    let all = telling(
        Hook::OnSignup,
        r#"(import "hookgate:hooks/config@0.1.0" "all" (func $all (param i32)))"#,
        "(call $all (i32.const 64))",
        false,
    );
    assert_eq!(told(all.clone(), manifest).await.as_deref(), Some(r#"{"plan":"pro","seats":3}"#));
    assert_eq!(told(all, "").await.as_deref(), Some("{}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_is_known() {
    for (name, optional, expected) in [
        ("id", false, Some("req-1")),
        ("ip", true, Some("192.0.2.7")),
        ("user-agent", true, Some("test/1")),
        ("provider", true, Some("google")),
    ] {
        let import = format!(r#"(import "hookgate:hooks/request@0.1.0" "{name}" (func $ask (param i32)))"#);
        let guest = telling(Hook::OnSignup, &import, "(call $ask (i32.const 64))", optional);
        assert_eq!(told(guest, "").await.as_deref(), expected, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_knows_its_id_and_attempt() {
    let import = r#"
        (import "hookgate:hooks/request@0.1.0" "event-id" (func $id (param i32)))
        (import "hookgate:hooks/request@0.1.0" "attempt" (func $attempt (result i32)))
        (import "hookgate:hooks/request@0.1.0" "time" (func $time (result i64)))"#;
    let check = "(call $id (i32.const 64))
        (if (i32.ne (call $attempt) (i32.const 3)) (then unreachable))
        (if (i64.ne (call $time) (i64.const 1700000000000)) (then unreachable))";
    let registry = registry(&[("teller", telling(Hook::OnSignup, import, check, true))]).await;
    let event = event(Hook::OnSignup);
    let Err(DeliveryError::Failed(failure)) = registry.pin().deliver("teller", &event, 3).await else {
        panic!("no id")
    };
    assert_eq!(failure.stage, Stage::Guest(event.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_hook_knows_which_token() {
    let bytes = guest(
        Hook::ModifyJwt,
        r#"(import "hookgate:hooks/request@0.1.0" "token-kind" (func $kind (param i32)))"#,
        // Present, and `refresh`.
        "(call $kind (i32.const 64))
        (if (i32.ne (i32.load16_u (i32.const 64)) (i32.const 0x0101)) (then unreachable))
        (call $answer (i32.const 0) (local.get $json) (local.get $len))",
    );
    let registry = registry(&[("a", bytes)]).await;
    let chain = registry.pin();
    let refresh = context().for_token(TokenUse::Refresh);
    assert!(chain.modify_jwt(&refresh, claims(), &user()).await.is_ok());
    let access = context().for_token(TokenUse::Access);
    assert!(chain.modify_jwt(&access, claims(), &user()).await.is_err());
}

/// Logs `text` at level `info`, with one field of key `k` and value `text`, `times` times.
fn logging(text: &str, times: u32) -> Vec<u8> {
    let len = text.len();
    guest(
        Hook::OnSignup,
        &format!(
            r#"(import "hookgate:hooks/log@0.1.0" "log" (func $log (param i32 i32 i32 i32 i32))) {} {}"#,
            data(1024, text),
            data(128, "k")
        ),
        &format!(
            "(local $n i32)
            (i32.store (i32.const 64) (i32.const 128)) (i32.store (i32.const 68) (i32.const 1))
            (i32.store (i32.const 72) (i32.const 1024)) (i32.store (i32.const 76) (i32.const {len}))
            (local.set $n (i32.const {times}))
            (loop $again
                (call $log (i32.const 2) (i32.const 1024) (i32.const {len}) (i32.const 64) (i32.const 1))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (call $answer (i32.const 0) (i32.const 0) (i32.const 0))"
        ),
    )
}

#[tokio::test]
async fn a_log_line_carries_where_it_comes_from() {
    let plugin = load("greeter", logging("hello\n\u{1b}[2J", 1)).await;
    let digest = plugin.digest().short();
    let (logged, _listening) = Logged::listen();
    Registry::new(vec![plugin]).pin().deliver("greeter", &event(Hook::OnSignup), 1).await.expect("taken");
    let text = logged.text();
    assert!(text.contains(r"INFO plugin: hello\n\u{1b}[2J "), "{text}");
    for field in
        ["plugin=\"greeter\"", &format!("digest=\"{digest}\""), "hook=\"on-signup\"", "request.id=\"req-1\""]
    {
        assert!(text.contains(field), "{field} is missing in {text}");
    }
    assert!(text.contains(r#"fields="k=hello\\n\\u{1b}[2J""#), "{text}");
}

#[tokio::test]
async fn a_log_flood_is_cut_and_counted() {
    let plugin =
        load_with("flood", logging(&"x".repeat(1000), 50_000), "[limits]\ntime_ms = 10000\ncpu_ms = 10000")
            .await;
    let (logged, _listening) = Logged::listen();
    Registry::new(vec![plugin]).pin().deliver("flood", &event(Hook::OnSignup), 1).await.expect("taken");
    let text = logged.text();
    let lines = text.lines().filter(|line| line.contains("xxx")).count();
    assert_eq!(lines, 64 * 1024 / 2001, "lines of 2001 bytes in a budget of 64 KiB");
    assert!(
        text.contains(&format!("dropped={}", 50_000 - lines)),
        "{}",
        text.lines().last().unwrap_or_default()
    );
}

#[tokio::test]
async fn a_long_line_is_cut() {
    let plugin = load("long", logging(&"y".repeat(20_000), 1)).await;
    let (logged, _listening) = Logged::listen();
    Registry::new(vec![plugin]).pin().deliver("long", &event(Hook::OnSignup), 1).await.expect("taken");
    let length = logged.text().matches('y').count();
    assert!((8192..8300).contains(&length), "{length}");
}

#[tokio::test]
async fn a_denial_and_a_failure_are_logged_once_each() {
    let denying = registry(&[("guard", denying("no", "No.", "because\nof that"))]).await;
    let failing = registry(&[("broken", failing(Hook::AllowSignin, "no database"))]).await;
    let (logged, _listening) = Logged::listen();
    denying.pin().allow_signin(&context(), &user(), "credentials").await.expect("denied");
    failing.pin().allow_signin(&context(), &user(), "credentials").await.expect_err("failed");
    let text = logged.text();
    assert_eq!(text.lines().count(), 2, "{text}");
    for part in [
        "INFO",
        "plugin=\"guard\"",
        "code=\"no\"",
        r#"reason="because\\nof that""#,
        "WARN",
        "plugin=\"broken\"",
        "stage=\"guest\"",
        "elapsed_us=",
        "answered with an error: no database",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[tokio::test]
async fn an_unusable_code_is_left_out_and_said() {
    let plugin = load("guard", denying("Not A Code", "m", "r")).await;
    let (logged, _listening) = Logged::listen();
    let user = user();
    let (output, _) =
        plugin.call(&context(), HookInput::AllowSignin { user: &user, provider: "passkey" }).await;
    assert!(format!("{output:?}").contains("code: None"), "{output:?}");
    assert!(logged.text().contains("the code of a denial was left out"), "{}", logged.text());
}
