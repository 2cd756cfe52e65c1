//! Guests that want too much: each costs its own call, and nothing else.

use std::time::{Duration, Instant};

use hookgate_core::hooks::{Hook, Stage};
use hookgate_hooks::{
    CallReport, EngineConfig, HookEngine, HookInput, HookOutput, Manifest, PreparedPlugin, Refusal,
};

use crate::kit::{
    RUNTIME, component, context, guest, identity, load, load_with, module_with, try_load, user,
};

const CLAIMS: &str = r#"{"sub":"u1"}"#;
const SAME: &str = "(call $answer (i32.const 0) (local.get $json) (local.get $len))";

async fn call(plugin: &PreparedPlugin) -> (Result<HookOutput, Stage>, CallReport) {
    let user = user();
    plugin.call(&context(), HookInput::ModifyJwt { claims: CLAIMS, user: &user }).await
}

async fn stage(plugin: &PreparedPlugin) -> Stage {
    call(plugin).await.0.expect_err("a failure")
}

async fn assert_works() {
    let (output, _) = call(&*load("identity", identity()).await).await;
    assert_eq!(output, Ok(HookOutput::Json(CLAIMS.to_owned())));
}

/// A guest that loops if the claims are longer than ten bytes, as they are.
fn looping() -> Vec<u8> {
    guest(
        Hook::ModifyJwt,
        "",
        &format!("(loop $for_ever (br_if $for_ever (i32.gt_u (local.get $len) (i32.const 10)))) {SAME}"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_is_told_in_one_line() {
    let plugin = load("guest", guest(Hook::ModifyJwt, "", "unreachable")).await;
    assert_eq!(stage(&plugin).await, Stage::Trap("wasm `unreachable` instruction executed".to_owned()));
    assert_works().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_ends_with_its_time() {
    let plugin = load("loop", looping()).await;
    let began = Instant::now();
    assert_eq!(stage(&plugin).await, Stage::Cpu { limit_ms: 100 });
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(99), "{took:?}");
    // A tick or two on an idle machine; the margin is for busy ones.
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_works().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn computing_has_a_limit_of_its_own() {
    let plugin = load_with("loop", looping(), "[limits]\ntime_ms = 5000\ncpu_ms = 20").await;
    let (result, report) = call(&plugin).await;
    assert_eq!(result, Err(Stage::Cpu { limit_ms: 20 }));
    assert!(report.cpu >= Duration::from_millis(20) && report.cpu <= report.total, "{report:?}");
    assert_eq!(report.host, Duration::ZERO, "the clock's ticks are no host calls: {report:?}");
    assert_works().await;
}

#[tokio::test]
async fn an_endless_loop_gives_way_to_its_thread() {
    let plugin = load_with("loop", looping(), "[limits]\ntime_ms = 300\ncpu_ms = 300").await;
    let looping = tokio::spawn(async move { stage(&plugin).await });
    // There is one thread, and the loop is on it.
    let mut turns = 0;
    while !looping.is_finished() {
        tokio::task::yield_now().await;
        turns += 1;
    }
    assert!(turns > 10, "{turns}");
    assert_eq!(looping.await.expect("no panic"), Stage::Deadline { limit_ms: 300 });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_at_start_is_refused_when_loading() {
    let engine =
        HookEngine::new(EngineConfig { start_ms: 50, ..EngineConfig::default() }).expect("an engine");
    let bytes = guest(Hook::ModifyJwt, "(start $init) (func $init (loop $for_ever (br $for_ever)))", SAME);
    let refusal = engine.prepare("loop", bytes, Manifest::default()).await.expect_err("it loops");
    assert_eq!(refusal, Refusal::Start(Stage::Deadline { limit_ms: 50 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_start_is_refused_when_loading() {
    let init = "(start $init) (func $init (local $n i64) (local.set $n (i64.const 300000000))
        (loop $on (br_if $on (i64.ne (local.tee $n (i64.sub (local.get $n) (i64.const 1))) (i64.const 0)))))";
    let refusal = try_load("slow", guest(Hook::ModifyJwt, init, SAME), "[limits]\ntime_ms = 5").await;
    assert!(matches!(refusal, Err(Refusal::SlowStart { limit_ms: 5, .. })), "{refusal:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_bomb_is_named_as_such() {
    let bomb = "(loop $on (br_if $on (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) unreachable";
    let plugin = load("bomb", guest(Hook::ModifyJwt, "", bomb)).await;
    let (result, report) = call(&plugin).await;
    assert_eq!(result, Err(Stage::Memory { limit_bytes: 64 << 20 }));
    assert!(report.peak_memory > 60 << 20 && report.peak_memory <= 64 << 20, "{report:?}");
    assert_works().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_may_live_with_a_refusal() {
    let body =
        format!("(if (i32.ne (memory.grow (i32.const 60000)) (i32.const -1)) (then unreachable)) {SAME}");
    let plugin = load("modest", guest(Hook::ModifyJwt, "", &body)).await;
    let (result, report) = call(&plugin).await;
    assert_eq!(result, Ok(HookOutput::Json(CLAIMS.to_owned())));
    assert_eq!(report.peak_memory, 2 * 65536);
}

/// Memories beside the runtime's own; the body grows each by 20 MiB and traps when it can't.
fn with_memories(count: usize) -> Vec<u8> {
    let items: String = (0..count).map(|n| format!("(memory $m{n} 1)")).collect();
    let body: String = (0..count)
        .map(|n| {
            format!("(if (i32.eq (memory.grow $m{n} (i32.const 320)) (i32.const -1)) (then unreachable))")
        })
        .collect();
    // The runtime's memory must stay the first.
    component(
        "modify-jwt-hook",
        &module_with(
            &format!("{RUNTIME}{items}{REALLOC_HERE}"),
            Hook::ModifyJwt,
            "",
            &format!("{body}{SAME}"),
        ),
    )
}

const REALLOC_HERE: &str =
    r#"(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (call $alloc (local.get 3)))"#;

#[tokio::test(flavor = "multi_thread")]
async fn memories_count_together() {
    let few = load("few", with_memories(2)).await;
    assert!(call(&few).await.0.is_ok());
    let many = load("many", with_memories(4)).await;
    assert_eq!(stage(&many).await, Stage::Memory { limit_bytes: 64 << 20 });
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_memories_are_refused_when_loading() {
    let refusal = try_load("many", with_memories(8), "").await.expect_err("nine in all");
    assert_eq!(
        refusal.to_string(),
        "needs 9 memories, but its limit is 8; raise `memories` under [limits], or make it smaller"
    );
    let refusal = try_load("many", with_memories(40), "").await.expect_err("41 in all");
    assert!(refusal.to_string().contains("memories"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_of_many_memories_never_empties_the_pool() {
    let plugin = load("many", with_memories(2)).await;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..300 {
        let plugin = plugin.clone();
        calls.spawn(async move { call(&plugin).await.0 });
    }
    while let Some(result) = calls.join_next().await {
        let result = result.expect("no panic");
        assert!(!matches!(result, Err(Stage::Instantiate(_) | Stage::Trap(_))), "{result:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_bomb_traps() {
    let bomb = "(loop $on (br_if $on (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1)))) unreachable";
    let plugin = load("bomb", guest(Hook::ModifyJwt, "(table $t 1 funcref)", bomb)).await;
    assert_eq!(
        stage(&plugin).await,
        Stage::Limit { name: "table_elements", what: "table elements", limit: 100_000 }
    );
    assert_works().await;
}

/// What went deep gives its stack back while others run on theirs: each must find in it what it wrote.
#[tokio::test(flavor = "multi_thread")]
async fn deep_calls_and_shallow_ones_keep_their_stacks_apart() {
    // 7 + 14 + … + 70,000 by recursion, which is some 500 KiB deep, often enough to count as long.
    let sum = "(func $sum (param i64) (result i64)
        (if (result i64) (i64.eqz (local.get 0))
            (then (i64.const 0))
            (else (i64.add
                (i64.mul (local.get 0) (i64.const 7))
                (call $sum (i64.sub (local.get 0) (i64.const 1)))))))";
    let body = format!(
        "(local $n i32)
        (loop $again
            (if (i64.ne (call $sum (i64.const 10000)) (i64.const 350035000)) (then unreachable))
            (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 40))))
        {SAME}"
    );
    let deep = load("deep", guest(Hook::ModifyJwt, sum, &body)).await;
    let failing = load("failing", guest(Hook::ModifyJwt, "", "unreachable")).await;
    let shallow = load("shallow", identity()).await;
    let calls: tokio::task::JoinSet<_> = (0..24)
        .map(|n| {
            let plugin = [&deep, &failing, &shallow][n % 3].clone();
            async move {
                for _ in 0..20 {
                    let (answer, _) = call(&plugin).await;
                    match answer {
                        Ok(output) => assert_eq!(output, HookOutput::Json(CLAIMS.to_owned())),
                        Err(stage) => assert_eq!((plugin.name(), stage.word()), ("failing", "trap")),
                    }
                }
            }
        })
        .collect();
    calls.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_recursion_traps() {
    let items = "(func $down (param i32) (result i32) (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))";
    let plugin =
        load("deep", guest(Hook::ModifyJwt, items, "(drop (call $down (i32.const 0))) unreachable")).await;
    assert_eq!(
        stage(&plugin).await,
        Stage::Limit { name: "stack_bytes", what: "bytes of stack", limit: 1 << 20 }
    );
    assert_works().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_realloc_that_traps_fails_its_call_alone() {
    let runtime = format!(
        r#"{RUNTIME} (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)"#
    );
    let plugin =
        load("realloc", component("modify-jwt-hook", &module_with(&runtime, Hook::ModifyJwt, "", SAME)))
            .await;
    assert!(matches!(stage(&plugin).await, Stage::Trap(_)));
    // An address outside of memory.
    let runtime = format!(
        r#"{RUNTIME} (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const -8))"#
    );
    let plugin =
        load("realloc", component("modify-jwt-hook", &module_with(&runtime, Hook::ModifyJwt, "", SAME)))
            .await;
    assert!(matches!(stage(&plugin).await, Stage::Trap(_)));
    assert_works().await;
}

/// Fails if it finds what an earlier call wrote: low, high, grown, into data, a global, a table.
fn probing() -> Vec<u8> {
    let items = r#"(global $seen (mut i32) (i32.const 0))
        (table $t 4 funcref) (elem declare func $alloc)
        (data (i32.const 3000) "ORIGINAL")"#;
    let look =
        |at: u32| format!("(if (i64.ne (i64.load (i32.const {at})) (i64.const 0)) (then unreachable))");
    let mark = |at: u32| format!("(i64.store (i32.const {at}) (i64.const -1))");
    let places = [2000, 60_000, 100_000, 131_000];
    let (looks, marks): (String, String) = places.iter().map(|at| (look(*at), mark(*at))).unzip();
    let body = format!(
        "{looks}
        (if (global.get $seen) (then unreachable))
        (if (i32.eqz (ref.is_null (table.get $t (i32.const 1)))) (then unreachable))
        (if (i32.ne (i32.load (i32.const 3000)) (i32.const 0x4749524f)) (then unreachable))
        (if (i32.eq (memory.grow (i32.const 8)) (i32.const -1)) (then unreachable))
        {} {}
        {marks} {} {}
        (i32.store (i32.const 3000) (i32.const 0))
        (global.set $seen (i32.const 1))
        (table.set $t (i32.const 1) (ref.func $alloc))
        {SAME}",
        look(140_000),
        look(600_000),
        mark(140_000),
        mark(600_000),
    );
    guest(Hook::ModifyJwt, items, &body)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_one_call_is_found_by_the_next() {
    let (a, b) = (load("a", probing()).await, load("b", probing()).await);
    let other = load("other", identity()).await;
    for n in 0..200 {
        assert_eq!(call(&a).await.0, Ok(HookOutput::Json(CLAIMS.to_owned())), "call {n}");
        assert!(call(&other).await.0.is_ok());
        assert_eq!(call(&b).await.0, Ok(HookOutput::Json(CLAIMS.to_owned())), "call {n}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_is_overrun_queues_before_its_own_door() {
    let manifest = "[limits]\nconcurrent_calls = 1\nqueue_wait_ms = 50\ntime_ms = 2000\ncpu_ms = 2000";
    let plugin = load_with("loop", looping(), manifest).await;
    // Whichever is first keeps the only place until its time is up.
    let calls = [plugin.clone(), plugin].map(|plugin| tokio::spawn(async move { stage(&plugin).await }));
    let mut stages = Vec::new();
    for call in calls {
        stages.push(call.await.expect("no panic"));
    }
    assert!(
        stages.iter().any(|stage| matches!(stage, Stage::Queue { waited_ms } if *waited_ms >= 50)),
        "{stages:?}"
    );
    assert!(stages.contains(&Stage::Deadline { limit_ms: 2000 }), "{stages:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_given_up_frees_its_place() {
    let engine = HookEngine::new(EngineConfig { concurrent_calls: Some(16), ..EngineConfig::default() })
        .expect("an engine");
    let manifest = Manifest::parse("[limits]\ntime_ms = 10000\ncpu_ms = 10000").expect("fine");
    let plugin = engine.prepare("loop", looping(), manifest).await.expect("fine");
    for _ in 0..40 {
        let given_up = tokio::time::timeout(Duration::from_millis(5), call(&plugin)).await;
        assert!(given_up.is_err(), "{given_up:?}");
    }
    assert_eq!(engine.free_slots(), 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_wait_their_turn() {
    let engine = HookEngine::new(EngineConfig { concurrent_calls: Some(4), ..EngineConfig::default() })
        .expect("an engine");
    let manifest = Manifest::parse("[limits]\nqueue_wait_ms = 10000").expect("fine");
    let plugin = engine.prepare("identity", identity(), manifest).await.expect("fine");
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..500 {
        let plugin = plugin.clone();
        calls.spawn(async move { call(&plugin).await.0 });
    }
    while let Some(result) = calls.join_next().await {
        assert_eq!(result.expect("no panic"), Ok(HookOutput::Json(CLAIMS.to_owned())));
    }
    assert_eq!(engine.free_slots(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_work_without_a_pool() {
    let config = EngineConfig { allocator: hookgate_hooks::Allocator::OnDemand, ..EngineConfig::default() };
    let engine = HookEngine::new(config).expect("an engine");
    let plugin = engine.prepare("probing", probing(), Manifest::default()).await.expect("fine");
    for _ in 0..20 {
        assert_eq!(call(&plugin).await.0, Ok(HookOutput::Json(CLAIMS.to_owned())));
    }
    let bomb = "(loop $on (br_if $on (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) unreachable";
    let plugin =
        engine.prepare("bomb", guest(Hook::ModifyJwt, "", bomb), Manifest::default()).await.expect("fine");
    assert_eq!(stage(&plugin).await, Stage::Memory { limit_bytes: 64 << 20 });
}
