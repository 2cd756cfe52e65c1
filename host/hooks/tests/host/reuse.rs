//! Instances that serve more than one call: only where the manifest asks for it, only after an answer that
//! could be used, and never for long.

use std::sync::Arc;
use std::time::Duration;

use hookgate_core::hooks::{Hook, HookContext, Hooks, RequestContext, Stage};
use hookgate_hooks::{
    EngineConfig, HookEngine, HookInput, HookOutput, Manifest, PluginConfig, PreparedPlugin, Registry,
};

use crate::kit::{Logged, claims, context, data, guest, load_with, user, wasi_guest};

const REUSE: &str = "[reuse]\n";

/// What a guest of [`counting`] does, by the length of the claims.
#[derive(Clone, Copy)]
enum Mode {
    Count = 1,
    Trap,
    Loop,
    Fail,
    Grow,
    /// Asks for more memory than there is, and lives with the refusal.
    GrowTooMuch,
    /// Takes some milliseconds.
    Compute,
}

impl Mode {
    fn claims(self) -> String {
        " ".repeat(self as usize)
    }
}

/// Counts its calls in a global, and answers how many there were.
fn counting() -> Vec<u8> {
    let items = format!("(global $calls (mut i32) (i32.const 0)) {}", data(1024, r#"{"n":0}"#));
    let when = |mode: Mode, then: &str| {
        format!("(if (i32.eq (local.get $len) (i32.const {})) (then {then}))", mode as usize)
    };
    let body = [
        "(local $n i32) (local.set $n (i32.const 100000000))
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (i32.store8 (i32.const 1029) (i32.add (i32.const 48) (global.get $calls)))",
        &when(Mode::Trap, "unreachable"),
        &when(Mode::Loop, "(loop $for_ever (br_if $for_ever (local.get $len)))"),
        &when(Mode::Fail, "(return (call $answer (i32.const 1) (i32.const 1024) (i32.const 7)))"),
        &when(Mode::Grow, "(if (i32.eq (memory.grow (i32.const 100)) (i32.const -1)) (then unreachable))"),
        &when(
            Mode::GrowTooMuch,
            "(if (i32.ne (memory.grow (i32.const 60000)) (i32.const -1)) (then unreachable))",
        ),
        &when(Mode::Compute, "(loop $on (br_if $on (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"),
        "(call $answer (i32.const 0) (i32.const 1024) (i32.const 7))",
    ]
    .concat();
    guest(Hook::ModifyJwt, &items, &body)
}

async fn load(manifest: &str) -> Arc<PreparedPlugin> {
    load_with("counting", counting(), manifest).await
}

async fn ask(plugin: &PreparedPlugin, mode: Mode) -> Result<u32, Stage> {
    let (user, claims) = (user(), mode.claims());
    let input = HookInput::ModifyJwt { claims: &claims, user: &user };
    let (answer, report) = plugin.call(&context(), input).await;
    let HookOutput::Json(text) = answer? else { panic!("no JSON") };
    let count = text.strip_prefix(r#"{"n":"#).and_then(|text| text.strip_suffix('}'));
    let count = count.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{text}"));
    assert_eq!(report.reused, count > 1, "{report:?}");
    Ok(count)
}

/// Of calls one after the other.
async fn counts(plugin: &PreparedPlugin, calls: usize) -> Vec<u32> {
    let mut counts = Vec::new();
    for _ in 0..calls {
        counts.push(ask(plugin, Mode::Count).await.expect("an answer"));
    }
    counts
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(20), "never {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_asks_for_it_finds_what_an_earlier_call_left() {
    let fresh = load("").await;
    assert_eq!(counts(&fresh, 3).await, [1, 1, 1]);
    assert_eq!(fresh.idle_instances(), 0);
    let reusing = load(REUSE).await;
    assert_eq!(counts(&reusing, 3).await, [1, 2, 3]);
    assert_eq!(reusing.idle_instances(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_thrown_away() {
    let plugin = load("[reuse]\n[limits]\ntime_ms = 300\ncpu_ms = 300").await;
    for (mode, word) in [(Mode::Trap, "trap"), (Mode::Loop, "deadline"), (Mode::Fail, "guest")] {
        assert_eq!(counts(&plugin, 2).await, [1, 2], "{word}");
        let stage = ask(&plugin, mode).await.expect_err("a failure");
        assert_eq!(stage.word(), word);
        assert_eq!(plugin.idle_instances(), 0, "{word}");
    }
    assert_eq!(counts(&plugin, 1).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_the_rules_is_a_failure_too() {
    let registry = Registry::new(vec![load(REUSE).await]);
    let plugin = Arc::clone(&registry.current().plugins()[0]);
    assert_eq!(counts(&plugin, 2).await, [1, 2]);
    // The claims without those that are reserved.
    let refused = registry.pin().modify_jwt(&context(), claims(), &user()).await;
    assert_eq!(refused.expect_err("no `sub`").stage.word(), "answer");
    assert_eq!(plugin.idle_instances(), 0);
    assert_eq!(counts(&plugin, 1).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_given_up_takes_its_instance_along() {
    let plugin = load("[reuse]\n[limits]\ntime_ms = 10000\ncpu_ms = 10000").await;
    assert_eq!(counts(&plugin, 1).await, [1]);
    let given_up = tokio::time::timeout(Duration::from_millis(10), ask(&plugin, Mode::Loop)).await;
    assert!(given_up.is_err(), "{given_up:?}");
    assert_eq!(counts(&plugin, 1).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_serves_so_many_calls() {
    let plugin = load("[reuse]\nmax_calls = 3").await;
    assert_eq!(counts(&plugin, 7).await, [1, 2, 3, 1, 2, 3, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_grew_too_large_is_not_kept() {
    let plugin = load("[reuse]\nmax_memory_bytes = 4194304").await;
    assert_eq!(counts(&plugin, 2).await, [1, 2]);
    assert_eq!(ask(&plugin, Mode::Grow).await, Ok(3));
    assert_eq!(counts(&plugin, 2).await, [1, 2]);
    // Without a mark of its own it is three quarters of the limit.
    let plugin = load("[reuse]\n[limits]\nmemory_bytes = 8388608").await;
    assert_eq!(ask(&plugin, Mode::Grow).await, Ok(1));
    assert_eq!(counts(&plugin, 1).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_gets_so_old_however_often_it_is_called() {
    let plugin = load("[reuse]\nmax_age_ms = 40\nmax_idle_ms = 3600000\nmax_calls = 1000000").await;
    let began = std::time::Instant::now();
    let mut last = 0;
    loop {
        // The guest counts with one digit.
        let count = ask(&plugin, Mode::Count).await.expect("an answer");
        if count <= last {
            break;
        }
        last = count;
        assert!(began.elapsed() < Duration::from_secs(20), "it never ends");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    assert!(began.elapsed() >= Duration::from_millis(40));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_nobody_calls_goes_by_itself() {
    let plugin = load("[reuse]\nmax_idle_ms = 300").await;
    assert_eq!(counts(&plugin, 1).await, [1]);
    until("gone", || plugin.idle_instances() == 0).await;
    assert_eq!(counts(&plugin, 1).await, [1]);
    // And the next one as well.
    until("gone again", || plugin.idle_instances() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_do_not_share() {
    let (a, b) = (load(REUSE).await, load(REUSE).await);
    assert_eq!(counts(&a, 2).await, [1, 2]);
    assert_eq!(counts(&b, 2).await, [1, 2]);
    // The same component with other settings.
    let c = a.with_config(PluginConfig::default());
    assert_eq!(counts(&c, 1).await, [1]);
    assert_eq!(counts(&a, 1).await, [3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_at_the_same_time_do_not_share() {
    let plugin = load("[reuse]\n[limits]\ntime_ms = 10000\ncpu_ms = 10000").await;
    assert_eq!(counts(&plugin, 1).await, [1]);
    let looping = {
        let plugin = Arc::clone(&plugin);
        tokio::spawn(async move { ask(&plugin, Mode::Loop).await })
    };
    until("taken", || plugin.idle_instances() == 0).await;
    assert_eq!(counts(&plugin, 2).await, [1, 2]);
    looping.abort();
    assert!(looping.await.is_err());
    assert_eq!(counts(&plugin, 1).await, [3]);
}

/// How many wait after two calls at the same time.
async fn kept_of_two(reuse: &str) -> usize {
    let plugin = load(&format!("{reuse}\n[limits]\ntime_ms = 10000\ncpu_ms = 10000")).await;
    // On one thread: each gives way to the other at every tick.
    let (a, b) = tokio::join!(ask(&plugin, Mode::Compute), ask(&plugin, Mode::Compute));
    assert_eq!((a, b), (Ok(1), Ok(1)));
    plugin.idle_instances()
}

#[tokio::test]
async fn so_many_wait_and_no_more() {
    assert_eq!(kept_of_two("[reuse]").await, 2);
    assert_eq!(kept_of_two("[reuse]\nmax_idle = 1").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_wait_take_no_place_from_calls() {
    let config = EngineConfig { concurrent_calls: Some(2), ..EngineConfig::default() };
    let engine = HookEngine::new(config).expect("an engine");
    let manifest = Manifest::parse(REUSE).expect("fine");
    let plugin = engine.prepare("counting", counting(), manifest).await.expect("fine");
    let room = engine.free_idle_slots();
    let mut plugins = Vec::new();
    for _ in 0..room + 4 {
        let plugin = plugin.with_config(PluginConfig::default());
        assert_eq!(counts(&plugin, 1).await, [1]);
        plugins.push(plugin);
    }
    assert_eq!((engine.free_idle_slots(), engine.free_slots()), (0, 2));
    // Who found no room is served with a fresh instance, as many at once as ever.
    let last = plugins.last().expect("some");
    assert_eq!(last.idle_instances(), 0);
    let (a, b) = tokio::join!(counts(last, 2), counts(&plugin, 2));
    assert_eq!((a, b), (vec![1, 1], vec![1, 1]));
    drop(plugins);
    until("free", || engine.free_idle_slots() == room).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_drops_the_instances_of_the_old_version() {
    let engine = HookEngine::new(EngineConfig::default()).expect("an engine");
    let manifest = Manifest::parse(REUSE).expect("fine");
    let load = || engine.prepare("counting", counting(), manifest.clone());
    let room = engine.free_idle_slots();
    let registry = Registry::new(vec![load().await.expect("fine")]);
    assert_eq!(counts(&registry.current().plugins()[0], 2).await, [1, 2]);
    assert_eq!(engine.free_idle_slots(), room - 1);
    registry.replace(vec![load().await.expect("fine")]);
    assert_eq!(counts(&registry.current().plugins()[0], 1).await, [1]);
    until("dropped", || engine.free_idle_slots() == room - 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_per_call_still() {
    let plugin = load("[reuse]\n[limits]\ntime_ms = 1500\ncpu_ms = 200").await;
    // Together longer than one call may take.
    for n in 1..=3 {
        assert_eq!(ask(&plugin, Mode::Count).await, Ok(n));
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    // What was refused to one call is not the reason why the next ends.
    assert_eq!(ask(&plugin, Mode::GrowTooMuch).await, Ok(4));
    assert!(matches!(ask(&plugin, Mode::Trap).await, Err(Stage::Trap(_))));
    // And one that computes is stopped, in an instance that served before.
    assert_eq!(counts(&plugin, 2).await, [1, 2]);
    assert_eq!(ask(&plugin, Mode::Loop).await, Err(Stage::Cpu { limit_ms: 200 }));
}

/// Opens its standard output once, and prints 40,000 bytes in each call, the last ones without their line's end.
fn printing() -> Vec<u8> {
    wasi_guest(
        Hook::OnSignup,
        &format!(
            r#"(import "wasi:cli/stdout@0.2.0" "get-stdout" (func $out (result i32)))
            (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))
            (global $stream (mut i32) (i32.const -1))
            {}"#,
            data(1024, &format!("{}\nhalf", "z".repeat(99)))
        ),
        "(local $n i32) (local.set $n (i32.const 400))
        (if (i32.eq (global.get $stream) (i32.const -1)) (then (global.set $stream (call $out))))
        (loop $on
            (call $write (global.get $stream) (i32.const 1024) (i32.const 100) (i32.const 64))
            (br_if $on (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (call $write (global.get $stream) (i32.const 1124) (i32.const 4) (i32.const 64))
        (call $answer (i32.const 0) (i32.const 0) (i32.const 0))",
    )
}

#[tokio::test]
async fn what_is_printed_belongs_to_its_call() {
    let plugin = load_with("printing", printing(), REUSE).await;
    let user = user();
    let (logged, _listening) = Logged::listen();
    for n in 1..=3 {
        let request = RequestContext { id: format!("req-{n}"), ..crate::kit::request() };
        let input = HookInput::Event { hook: Hook::OnSignup, user: &user, text: None, passkey: None };
        let (answer, report) = plugin.call(&HookContext::of(request), input).await;
        assert_eq!((answer, report.reused), (Ok(HookOutput::Taken), n > 1));
        // Before the next call begins.
        let text = logged.text();
        let of_this = |part: &str| {
            let id = format!("req-{n}");
            text.lines().filter(|line| line.contains(&id) && line.contains(part)).count()
        };
        assert_eq!((of_this("zzz"), of_this("half"), of_this("dropped")), (400, 1, 0), "call {n}");
        assert_eq!(text.lines().count(), n * 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_keeps_its_handles_is_replaced_in_time() {
    let bytes = wasi_guest(
        Hook::OnSignup,
        r#"(import "wasi:cli/stdout@0.2.0" "get-stdout" (func $out (result i32)))"#,
        "(drop (call $out)) (call $answer (i32.const 0) (i32.const 0) (i32.const 0))",
    );
    let plugin = load_with("leaking", bytes, "[reuse]\n[limits]\nmax_handles = 8").await;
    let user = user();
    let mut reused = 0;
    for _ in 0..40 {
        let input = HookInput::Event { hook: Hook::OnSignup, user: &user, text: None, passkey: None };
        let (answer, report) = plugin.call(&context(), input).await;
        assert_eq!(answer, Ok(HookOutput::Taken));
        reused += u32::from(report.reused);
    }
    assert_eq!(reused, 32, "every fifth is fresh");
}
