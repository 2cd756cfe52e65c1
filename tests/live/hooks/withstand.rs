//! What a hostile plugin may try: each costs its own call, says so in one line of the log, and afterwards
//! the server is as before.
//!
//! The guests are written in WebAssembly text, since no SDK would let them be so.

use std::time::Duration;

use hookgate_core::hooks::Hook;
use serde_json::json;

use crate::kit::wat::{RUNTIME, component, data, guest, module_with, wasi_guest};
use crate::kit::{PASSWORD, Plugins, Server, Setup, claims, eventually, eventually_within};

const FAILED: &str = "Sign in is not possible at the moment: a hook failed";
/// What the answer of a gate is that allows.
const ALLOW: &str =
    "(i32.store (i32.const 0) (i32.const 0)) (i32.store (i32.const 4) (i32.const 0)) (i32.const 0)";
/// How often each is tried.
const TRIES: usize = 2;

/// A plugin, and what the log says of it.
struct Case {
    name: &'static str,
    component: Vec<u8>,
    cause: &'static str,
}

fn case(name: &'static str, component: Vec<u8>, cause: &'static str) -> Case {
    Case { name, component, cause }
}

fn gate(name: &'static str, items: &str, body: &str, cause: &'static str) -> Case {
    case(name, guest(Hook::AllowSignin, items, body), cause)
}

fn wasi_gate(name: &'static str, items: &str, body: &str, cause: &'static str) -> Case {
    case(name, wasi_guest(Hook::AllowSignin, items, body), cause)
}

/// A token hook that answers what it was given, with something put before the last brace.
fn claims_with(name: &'static str, addition: &str, cause: &'static str) -> Case {
    case(name, adding(addition), cause)
}

fn adding(addition: &str) -> Vec<u8> {
    let text = format!("{addition}}}");
    let len = text.len();
    guest(
        Hook::ModifyJwt,
        &data(1024, &text),
        &format!(
            "(local $at i32)
            (local.set $at (call $alloc (i32.add (local.get $len) (i32.const {len}))))
            (memory.copy (local.get $at) (local.get $json) (local.get $len))
            (memory.copy
                (i32.sub (i32.add (local.get $at) (local.get $len)) (i32.const 1))
                (i32.const 1024) (i32.const {len}))
            (call $answer (i32.const 0) (local.get $at)
                (i32.sub (i32.add (local.get $len) (i32.const {len})) (i32.const 1)))"
        ),
    )
}

/// A token hook that answers so many bytes of which each is `byte`.
fn filled(byte: u8, len: u32) -> Vec<u8> {
    guest(
        Hook::ModifyJwt,
        "",
        &format!(
            "(local $at i32)
            (local.set $at (call $alloc (i32.const {len})))
            (memory.fill (local.get $at) (i32.const {byte}) (i32.const {len}))
            (call $answer (i32.const 0) (local.get $at) (i32.const {len}))"
        ),
    )
}

/// Those that take what there is of time, memory, tables, stack and handles.
fn bombs() -> Vec<Case> {
    let memories: String = (0..6).map(|n| format!("(memory $m{n} 1)")).collect();
    let grow: String = (0..6).map(|n| format!("(drop (memory.grow $m{n} (i32.const 200)))")).collect();
    let many_memories = module_with(
        &format!(
            r#"{RUNTIME}{memories} (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (call $alloc (local.get 3)))"#
        ),
        Hook::AllowSignin,
        "",
        &format!("{grow} unreachable"),
    );
    let realloc = module_with(
        &format!(
            r#"{RUNTIME} (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)"#
        ),
        Hook::AllowSignin,
        "",
        ALLOW,
    );
    vec![
        gate("loop", "", "(loop $on (br $on)) (i32.const 0)", "(`cpu_ms`)"),
        gate(
            "loop-in-host",
            r#"(import "hookgate:hooks/request@0.1.0" "time" (func $time (result i64)))"#,
            "(loop $on (drop (call $time)) (br $on)) (i32.const 0)",
            "(`cpu_ms`)",
        ),
        wasi_gate(
            "clock-spin",
            r#"(import "wasi:clocks/wall-clock@0.2.0" "now" (func $now (param i32)))"#,
            "(loop $on (call $now (i32.const 64))
                (br_if $on (i64.ne (i64.load (i32.const 64)) (i64.const 0)))) (i32.const 0)",
            "(`cpu_ms`)",
        ),
        wasi_gate(
            "sleep",
            r#"(import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $timer (param i64) (result i32)))
            (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))"#,
            "(call $block (call $timer (i64.const 3600000000000))) (i32.const 0)",
            "(`time_ms`)",
        ),
        gate(
            "memory-bomb",
            "",
            "(loop $on (br_if $on (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) unreachable",
            "(`memory_bytes`)",
        ),
        case("many-memories", component("allow-signin-hook", &many_memories), "(`memory_bytes`)"),
        gate(
            "table-bomb",
            "(table $t 1 funcref)",
            "(loop $on (br_if $on (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1))))
            unreachable",
            "(`table_elements`)",
        ),
        wasi_gate(
            "handle-bomb",
            r#"(import "wasi:cli/stdout@0.2.0" "get-stdout" (func $out (result i32)))"#,
            "(loop $on (drop (call $out)) (br $on)) (i32.const 0)",
            "(`max_handles`)",
        ),
        gate(
            "recursion",
            "(func $down (param i32) (result i32)
                (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))",
            "(call $down (i32.const 0))",
            "(`stack_bytes`)",
        ),
        wasi_gate(
            "exit",
            r#"(import "wasi:cli/exit@0.2.0" "exit" (func $exit (param i32)))"#,
            "(call $exit (i32.const 0)) (i32.const 0)",
            "exited with code 0",
        ),
        case("realloc", component("allow-signin-hook", &realloc), "trapped"),
        gate("wild-answer", "", "(i32.const -8)", "trapped"),
    ]
}

/// Those that answer what is no answer.
fn answers() -> Vec<Case> {
    let deep = format!(",\"x\":{}{}", "[".repeat(5_000), "]".repeat(5_000));
    vec![
        case("huge", filled(b' ', 2 << 20), "(`hostcall_bytes`)"),
        case("large", filled(b' ', 20_000), "20000 bytes, more than the 16384 allowed"),
        claims_with("deep", &deep, "not JSON"),
        case("no-object", filled(b'1', 1), "JSON number"),
        case("not-utf-8", filled(0xff, 8), "utf-8"),
        claims_with("doubled-key", ",\"sub\":\"somebody else\"", "`sub`"),
        claims_with("nan", ",\"n\":NaN", "not JSON"),
        claims_with("infinity", ",\"n\":1e999", "not JSON"),
        claims_with("endless-exp", ",\"exp\":1e300", "`exp`"),
        claims_with("endless-exp-2", ",\"exp\":9223372036854775808", "`exp`"),
        claims_with("half-exp", ",\"exp\":1.5", "`exp`"),
    ]
}

/// Resident memory in KiB.
fn resident(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

async fn serves(server: &Server) -> bool {
    server.login("ada@example.com").await.status == 200
}

/// Puts each plugin in, tries it, and takes it out again.
async fn try_all(server: &Server, plugins: &Plugins, cases: &[Case]) {
    for Case { name, component, cause } in cases {
        let quoted = format!("plugin=\"{name}\"");
        let before = server.log.count(&["a hook failed", &quoted]);
        plugins.manifest(name, "[limits]\ntime_ms = 400\ncpu_ms = 40\n");
        plugins.put(name, component);
        let mut failures = 0;
        while failures < TRIES {
            let answer = server.login("ada@example.com").await;
            match answer.status {
                200 => tokio::time::sleep(Duration::from_millis(20)).await,
                _ => {
                    answer.expect_detail(503, FAILED);
                    failures += 1;
                }
            }
        }
        plugins.remove(name);
        while !serves(server).await {
            failures += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let lines = || server.log.count(&["a hook failed", &quoted]) - before;
        eventually("the log is written", || async { lines() >= failures }).await;
        assert_eq!(lines(), failures, "one line for each failure of `{name}`:\n{}", server.log.text());
        assert_eq!(server.log.count(&["ERROR"]), 0, "and no other: {}", server.log.text());
        assert!(
            server.log.count(&["a hook failed", &quoted, cause]) > 0,
            "`{name}` fails with {cause}:\n{}",
            server.log.text()
        );
    }
}

/// What a plugin does that means well, and needs as much memory as a place of the pool keeps for the next call.
const GROW_AND_ALLOW: &str = "(drop (memory.grow (i32.const 8)))
    (memory.fill (i32.const 65536) (i32.const 1) (i32.const 262144))
    (i32.store (i32.const 0) (i32.const 0)) (i32.store (i32.const 4) (i32.const 0)) (i32.const 0)";

/// The same with plugins that mean well.
async fn warm_up(server: &Server, plugins: &Plugins, cases: &[Case]) {
    for Case { name, .. } in cases {
        let before = server.log.count(&["a new generation of plugins serves"]);
        let has_changed = |times: usize| {
            let count = server.log.count(&["a new generation of plugins serves"]);
            async move { count >= before + times }
        };
        plugins.manifest(name, "[limits]\ntime_ms = 400\ncpu_ms = 40\n");
        plugins.put(name, &wasi_guest(Hook::AllowSignin, &data(2048, name), GROW_AND_ALLOW));
        eventually("it serves", || has_changed(1)).await;
        for _ in 0..3 * TRIES {
            assert!(serves(server).await);
        }
        plugins.remove(name);
        eventually("it is gone", || has_changed(2)).await;
    }
}

/// Where the kernel gives huge pages to everybody (`always`), memory comes and goes in steps of two megabytes that
/// the server has no say in.
fn without_huge_pages() -> Vec<String> {
    let setting = std::fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled").unwrap_or_default();
    match setting.contains("[always]") {
        true => vec!["env".to_owned(), "MIMALLOC_ALLOW_THP=0".to_owned()],
        false => Vec::new(),
    }
}

async fn withstand(cases: &[Case]) {
    let plugins = Plugins::with("jwt-add-claim");
    plugins.manifest("jwt-add-claim", "order = -1\n[config]\nvalue = \"kept\"\n");
    // No breaker: each try is to run.
    let config = "[hooks]\nbreaker_failures = 0\nbreaker_failure_percent = 0\n";
    let server =
        Setup::new().before(without_huge_pages()).config(config).plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    for _ in 0..50 {
        assert!(serves(&server).await);
    }
    // The code that a failure needs is read from the disk once.
    try_all(&server, &plugins, &[gate("trap", "", "unreachable", "trapped")]).await;
    for _ in 0..2 {
        warm_up(&server, &plugins, cases).await;
    }
    let before = resident(&server);
    for _ in 0..3 {
        try_all(&server, &plugins, cases).await;
    }
    let answer = server.login("ada@example.com").await;
    assert_eq!(claims(&answer.text("access_token"))["added_by"], "jwt-add-claim kept", "all is as before");
    let lowest = std::cell::Cell::new(u64::MAX);
    // What loading took goes back some seconds after the server has come to rest, later on a busy machine.
    eventually_within(Duration::from_mins(1), "the memory is back within a tenth", || async {
        let after = resident(&server);
        if after < lowest.get() {
            eprintln!("{before} KiB before, {after} KiB after");
            lowest.set(after);
        }
        after * 10 <= before * 11
    })
    .await;
}

#[tokio::test]
async fn bombs_of_every_kind() {
    withstand(&bombs()).await;
}

#[tokio::test]
async fn answers_that_are_none() {
    withstand(&answers()).await;
}

#[tokio::test]
async fn of_a_doubled_claim_only_one_reaches_the_token() {
    let plugins = Plugins::none();
    // The wrong one first: whoever reads the first would be fooled, if both were handed on.
    plugins
        .put("doubled", &adding(",\"plan\":\"free\",\"plan\":\"pro\",\"n\":123456789012345678901234567890"));
    let server = Setup::new().plugins(plugins.path()).start().await;
    let token = server.register("ada@example.com").await.text("access_token");
    let payload = token.split('.').nth(1).unwrap();
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.matches("\"plan\"").count(), 1, "{text}");
    assert_eq!(claims(&token)["plan"], "pro");
    assert!(claims(&token)["n"].is_number(), "a number too large for an integer is one still: {text}");
}

#[tokio::test]
async fn nothing_of_one_call_is_found_by_the_next() {
    // Fails if a byte that an earlier call wrote is still there: low, high, beyond what it began with.
    let places = [2_000, 60_000, 100_000, 131_000, 140_000, 600_000];
    let look =
        |at: &u32| format!("(if (i64.ne (i64.load (i32.const {at})) (i64.const 0)) (then unreachable))");
    let mark = |at: &u32| format!("(i64.store (i32.const {at}) (i64.const -1))");
    let (looks, marks): (String, String) = places.iter().map(|at| (look(at), mark(at))).unzip();
    let body = format!(
        "(if (global.get $seen) (then unreachable))
        (drop (memory.grow (i32.const 8)))
        {looks} {marks} (global.set $seen (i32.const 1)) {ALLOW}"
    );
    let plugins = Plugins::none();
    plugins.put("probe", &guest(Hook::AllowSignin, "(global $seen (mut i32) (i32.const 0))", &body));
    plugins.put("probe-2", &guest(Hook::AllowSignin, "(global $seen (mut i32) (i32.const 0))", &body));
    // Whether nothing, some or all of a memory is cleared by hand.
    for config in ["[hooks]\nresident_bytes = 0\n", "", "[hooks]\nresident_bytes = 8_388_608\n"] {
        let server = Setup::new().config(config).plugins(plugins.path()).start().await;
        server.register("ada@example.com").await.expect(201);
        for _ in 0..100 {
            server.login("ada@example.com").await.expect(200);
        }
    }
}

#[tokio::test]
async fn what_stays_of_a_call_is_what_the_operator_says() {
    let plugins = Plugins::none();
    let body = format!(
        "(drop (memory.grow (i32.const 128)))
        (memory.fill (i32.const 65536) (i32.const 1) (i32.const 8388608)) {ALLOW}"
    );
    plugins.put("large", &guest(Hook::AllowSignin, "", &body));
    let mut grown = Vec::new();
    for resident_bytes in [0, 16 << 20] {
        let config = format!("[hooks]\nresident_bytes = {resident_bytes}\n");
        let setup = Setup::new().before(without_huge_pages()).config(&config).plugins(plugins.path());
        let server = setup.start().await;
        server.register("ada@example.com").await.expect(201);
        for _ in 0..20 {
            server.login("ada@example.com").await.expect(200);
        }
        grown.push(resident(&server));
    }
    assert!(grown[1] > grown[0] + 6 * 1024, "KiB without and with: {grown:?}");
}

#[tokio::test]
async fn a_flood_to_standard_output_is_cut() {
    let line = format!("{}\n", "x".repeat(999));
    let plugins = Plugins::none();
    plugins.put(
        "printer",
        &wasi_guest(
            Hook::AllowSignin,
            &format!(
                r#"(import "wasi:cli/stdout@0.2.0" "get-stdout" (func $out (result i32)))
                (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
                    (func $write (param i32 i32 i32 i32))) {}"#,
                data(1024, &line)
            ),
            &format!(
                "(local $out i32) (local $n i32)
                (local.set $out (call $out)) (local.set $n (i32.const 1000))
                (loop $on
                    (call $write (local.get $out) (i32.const 1024) (i32.const 1000) (i32.const 64))
                    (br_if $on (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                {ALLOW}"
            ),
        ),
    );
    plugins.manifest("printer", "smoke_call = false\n[limits]\ntime_ms = 5000\ncpu_ms = 5000\n");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.login("ada@example.com").await.expect(200);
    server.logs(&["plugin=\"printer\"", "wrote more than 65536 bytes", "dropped"]).await;
    let text = server.log.text();
    let bytes: usize = text.lines().filter(|line| line.contains("printer")).map(str::len).sum();
    assert!(bytes < 100_000, "{bytes} bytes");
    assert_eq!(server.log.count(&["printer", "dropped"]), 1, "said once");
}

#[tokio::test]
async fn a_swap_under_load_fails_nobody() {
    let plugins = Plugins::none();
    let versions = ["one", "two"].map(|plan| adding(&format!(",\"plan\":\"{plan}\"")));
    plugins.put("plan", &versions[0]);
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    let is_done = std::cell::Cell::new(false);
    let callers = futures_util::future::join_all((0..4).map(|_| async {
        let mut seen = std::collections::BTreeSet::new();
        while !is_done.get() {
            let answer = server.login("ada@example.com").await;
            answer.expect(200);
            let of = |token: &str| claims(&answer.text(token))["plan"].as_str().unwrap().to_owned();
            assert_eq!(of("access_token"), of("refresh_token"), "one request, one generation");
            seen.insert(of("access_token"));
        }
        seen
    }));
    let swaps = async {
        for n in 1..=6 {
            let before = server.log.count(&["a new generation of plugins serves"]);
            plugins.put("plan", &versions[n % 2]);
            eventually("the next version serves", || {
                let serves = server.log.count(&["a new generation of plugins serves"]) > before;
                async move { serves }
            })
            .await;
        }
        is_done.set(true);
    };
    let (seen, ()) = futures_util::future::join(callers, swaps).await;
    assert!(seen.iter().all(|seen| seen.len() == 2), "all callers saw both: {seen:?}");
}

#[tokio::test]
async fn names_of_plugins_and_clients_do_not_flood_the_metrics() {
    let plugins = Plugins::none();
    let allowing = guest(Hook::AllowSignin, "", ALLOW);
    for n in 0..130 {
        plugins.put(&format!("flood-{n:03}"), &allowing);
    }
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.login("ada@example.com").await.expect(200);
    for n in 0..50 {
        server.get(&format!("/auth/nowhere/{n}"), "x").await.expect(404);
        let method = reqwest::Method::from_bytes(format!("MADE{n}").as_bytes()).unwrap();
        server.send(server.request(method, "/auth/login")).await.expect(405);
        let other = json!({"email": format!("user-{n}@example.com"), "password": PASSWORD});
        server.post("/auth/login", other).await.expect(401);
    }
    let page = server.get("/metrics", "").await.body;
    let own = (0..130)
        .filter(|n| page.contains(&format!("plugin=\"flood-{n:03}\",hook=\"allow-signin\",outcome")))
        .count();
    assert_eq!(own, 100, "so many have series of their own");
    let others = "hookgate_hook_calls_total{plugin=\"(other)\",hook=\"allow-signin\",outcome=\"ok\"} 30";
    assert!(page.contains(others), "the rest shares one:\n{page}");
    assert!(!page.contains("nowhere") && !page.contains("MADE") && !page.contains("example.com"));
    assert!(page.contains(r#"method="other",route="/auth/login",status="405"} 50"#), "{page}");
}
