//! Each limit, in a live server: what goes beyond it has a sentence of its own that names the limit and its value,
//! and costs the one call.

use hookgate_core::hooks::Hook;
use serde_json::{Value, json};

use crate::kit::wat::{component, data, failing, guest, module_with, wasi_guest};
use crate::kit::{Plugins, Server, Setup, claims, eventually, wat};

const ADA: &str = "ada@example.com";
const ALLOW: &str =
    "(i32.store (i32.const 0) (i32.const 0)) (i32.store (i32.const 4) (i32.const 0)) (i32.const 0)";
/// No breaker, and a budget that the calls of one request can't use up by accident.
const PATIENT: &str = "breaker_failures = 0\nbreaker_failure_percent = 0\n";

fn gate(items: &str, body: &str) -> Vec<u8> {
    guest(Hook::AllowSignin, items, body)
}

/// Waits in the host for so many milliseconds, then allows.
fn sleeping(ms: u64) -> Vec<u8> {
    wasi_guest(
        Hook::AllowSignin,
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $timer (param i64) (result i32)))
        (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))"#,
        &format!("(call $block (call $timer (i64.const {}))) {ALLOW}", ms * 1_000_000),
    )
}

/// Answers so many spaces.
fn spaces(hook: Hook, len: u32) -> Vec<u8> {
    guest(
        hook,
        "",
        &format!(
            "(local $at i32)
            (local.set $at (call $alloc (i32.const {len})))
            (memory.fill (local.get $at) (i32.const 32) (i32.const {len}))
            (call $answer (i32.const 0) (local.get $at) (i32.const {len}))"
        ),
    )
}

#[tokio::test]
async fn every_breach_of_a_call_names_its_limit() {
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("time_ms = 60", sleeping(3_600_000), "took longer than 60 ms (`time_ms`)"),
        (
            "time_ms = 5000\ncpu_ms = 30",
            gate("", "(loop $on (br $on)) (i32.const 0)"),
            "computed for longer than 30 ms (`cpu_ms`)",
        ),
        (
            "memory_bytes = 1048576",
            gate(
                "",
                "(loop $on (br_if $on (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable",
            ),
            "wanted more than 1048576 bytes of memory (`memory_bytes`)",
        ),
        (
            "table_elements = 500",
            gate(
                "(table $t 1 funcref)",
                "(loop $on (br_if $on (i32.ne (table.grow $t (ref.null func) (i32.const 100)) (i32.const -1))))
                unreachable",
            ),
            "wanted more than 500 table elements (`table_elements`)",
        ),
        (
            "max_handles = 20",
            wasi_guest(
                Hook::AllowSignin,
                r#"(import "wasi:cli/stdout@0.2.0" "get-stdout" (func $out (result i32)))"#,
                "(loop $on (drop (call $out)) (br $on)) (i32.const 0)",
            ),
            "wanted more than 20 handles (`max_handles`)",
        ),
        (
            "hostcall_bytes = 70000",
            spaces(Hook::ModifyJwt, 80_000),
            "wanted more than 70000 bytes handed to the host at once (`hostcall_bytes`)",
        ),
        (
            "max_claims_bytes = 2000",
            spaces(Hook::ModifyJwt, 2001),
            "answered with 2001 bytes, more than the 2000 allowed (`max_claims_bytes`)",
        ),
        (
            "",
            gate(
                "(func $down (param i32) (result i32)
                    (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))",
                "(call $down (i32.const 0))",
            ),
            "wanted more than 524288 bytes of stack (`stack_bytes`)",
        ),
    ];
    let plugins = Plugins::none();
    let config = format!("[hooks]\nstack_bytes = 524288\n{PATIENT}");
    let server = Setup::new().config(&config).plugins(plugins.path()).start().await;
    server.register(ADA).await.expect(201);
    for (n, (limits, component, sentence)) in cases.into_iter().enumerate() {
        let name = format!("guest-{n}");
        plugins.manifest(&name, &format!("smoke_call = false\n[limits]\n{limits}\n"));
        plugins.put(&name, &component);
        eventually(&format!("{name} is asked"), || async { server.login(ADA).await.status == 503 }).await;
        let plugin = format!("plugin=\"{name}\"");
        server.logs(&["WARN", "a hook failed: it", &plugin, sentence]).await;
        plugins.remove(&name);
        eventually("it costs its own calls alone", || async { server.login(ADA).await.status == 200 }).await;
    }
}

#[tokio::test]
async fn a_session_has_a_limit_of_its_own() {
    let plugins = Plugins::none();
    plugins.put("large", &spaces(Hook::ModifySession, 2001));
    plugins.manifest("large", "smoke_call = false\n[limits]\nmax_session_bytes = 2000\n");
    let config = "session_strategy = \"database\"\n";
    let server = Setup::new().config(config).plugins(plugins.path()).start().await;
    server.register(ADA).await.expect(503);
    server.logs(&["a hook failed", "more than the 2000 allowed (`max_session_bytes`)"]).await;
}

#[tokio::test]
async fn error_texts_and_log_lines_are_cut() {
    let plugins = Plugins::none();
    plugins.put("wordy", &failing(Hook::AllowSignin, &"e".repeat(5000)));
    plugins.manifest("wordy", "smoke_call = false\n[limits]\nmax_error_bytes = 100\n");
    let line = format!("{}\n", "x".repeat(3000));
    plugins.put(
        "printer",
        &wasi_guest(
            Hook::OnSignup,
            &format!(
                r#"(import "wasi:cli/stderr@0.2.0" "get-stderr" (func $err (result i32)))
                (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
                    (func $write (param i32 i32 i32 i32))) {}"#,
                data(1024, &line)
            ),
            "(local $err i32) (local $n i32)
            (local.set $err (call $err)) (local.set $n (i32.const 9))
            (loop $on
                (call $write (local.get $err) (i32.const 1024) (i32.const 3001) (i32.const 64))
                (br_if $on (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (i32.store8 (i32.const 0) (i32.const 0)) (i32.const 0)",
        ),
    );
    plugins.manifest("printer", "[limits]\nmax_log_bytes = 2500\nmax_log_line_bytes = 1000\n");
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register(ADA).await.expect(201);
    server.login(ADA).await.expect(503);
    server.logs(&["a hook failed", "wordy", "answered with an error: eee"]).await;
    server.logs(&["printer", "more than 2500 bytes in one call (`max_log_bytes`)", "dropped=7"]).await;
    let text = server.log.text();
    let of = |name: &str, letter: char| {
        let lines = text.lines().filter(|line| line.contains(name));
        // The longest run of it: the request's id may have that letter, too.
        let longest = |line: &str| line.split(|c| c != letter).map(str::len).max().unwrap_or(0);
        lines.map(longest).filter(|count| *count > 50).collect::<Vec<_>>()
    };
    let errors = of("wordy", 'e');
    assert!(!errors.is_empty() && errors.iter().all(|count| *count < 150), "{errors:?}");
    let lines = of("printer", 'x');
    assert!(lines.len() == 2 && lines.iter().all(|count| (900..=1000).contains(count)), "{lines:?}");
}

#[tokio::test]
async fn whoever_waits_too_long_for_a_turn_is_told_so() {
    let plugins = Plugins::none();
    plugins.put("narrow", &sleeping(700));
    plugins.manifest(
        "narrow",
        "smoke_call = false\n[limits]\ntime_ms = 5000\nconcurrent_calls = 1\nqueue_wait_ms = 100\n",
    );
    let config = format!("[hooks]\n{PATIENT}");
    let server = Setup::new().config(&config).plugins(plugins.path()).start().await;
    server.register(ADA).await.expect(201);
    let answers = futures_util::future::join_all((0..4).map(|_| server.login(ADA))).await;
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert!(statuses.contains(&200) && statuses.contains(&503), "{statuses:?}");
    server.logs(&["a hook failed: it waited", "narrow", "ms in vain for its turn (`queue_wait_ms`)"]).await;
    server.login(ADA).await.expect(200);
}

#[tokio::test]
async fn the_hooks_of_one_request_have_a_budget() {
    let plugins = Plugins::none();
    for name in ["a", "b", "c"] {
        plugins.put(name, &sleeping(300));
        plugins.manifest(name, "smoke_call = false\n[limits]\ntime_ms = 5000\n");
    }
    let config = format!("[hooks]\nrequest_budget_ms = 500\n{PATIENT}");
    let server = Setup::new().config(&config).plugins(plugins.path()).start().await;
    server.register(ADA).await.expect(201);
    server.login(ADA).await.expect(503);
    let sentence = "all hooks of one request may take 500 ms together (`request_budget_ms`)";
    server.logs(&["a hook failed: it was cut short", "plugin=\"b\"", sentence]).await;
    assert_eq!(server.log.count(&["a hook failed"]), 1, "one line: {}", server.log.text());
    plugins.remove("b");
    plugins.remove("c");
    eventually("one alone has enough", || async { server.login(ADA).await.status == 200 }).await;
}

#[tokio::test]
async fn what_a_component_may_consist_of_is_checked_when_it_is_loaded() {
    let realloc =
        r#"(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (call $alloc (local.get 3)))"#;
    let with = |items: &str| {
        let runtime = format!("{}{items}{realloc}", crate::kit::wat::RUNTIME);
        component("allow-signin-hook", &module_with(&runtime, Hook::AllowSignin, "", ALLOW))
    };
    let many_instances = wat(&format!(
        r#"(component (core module $m (func (export "f"))) {} (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f"))) (instance $e (export "allow-signin" (func $f)))
            (export "hookgate:hooks/allow-signin@0.1.0" (instance $e)))"#,
        "(core instance (instantiate $m))".repeat(6)
    ));
    let plugins = Plugins::none();
    let server = Setup::new().plugins(plugins.path()).start().await;
    for (name, component, what) in [
        ("memories", with(&"(memory 1)".repeat(6)), "memories"),
        ("tables", with(&"(table 1 funcref)".repeat(6)), "tables"),
    ] {
        plugins.manifest(name, &format!("[limits]\n{name} = 5\n"));
        plugins.put(name, &component);
        let sentence =
            format!("{what}, but its limit is 5; raise `{name}` under [limits], or make it smaller");
        server.logs(&["ERROR", "plugin refused", name, "needs", &sentence]).await;
    }
    plugins.manifest("instances", "[limits]\ninstances = 5\n");
    plugins.put("instances", &many_instances);
    let sentence = "does not start: it wanted more than 5 core instances (`instances`)";
    server.logs(&["ERROR", "plugin refused", "instances.wasm", sentence]).await;
    let ceiling = "`memory_bytes` = 999999999999 is above the server's ceiling of 536870912";
    plugins.manifest("memories", "[limits]\nmemory_bytes = 999999999999\n");
    server.logs(&["ERROR", "plugin refused", "memories", ceiling]).await;
}

/// Two plugins of the same code: what each keeps is its own, and has an end.
#[tokio::test]
async fn what_is_kept_has_a_quota_and_is_nobody_elses() {
    let plugins = Plugins::none();
    let calls = |calls: Value| toml::to_string(&json!({ "config": { "calls": calls } })).unwrap();
    let manifest = |order: u8, more: &str| {
        format!(
            "order = {order}\ngrants = [\"log\", \"config\", \"clock\", \"kv\", \"http\", \"secrets\"]\n[limits]\ntime_ms = 5000\n{more}\n"
        )
    };
    let set = |key: &str, value: &str| json!({ "do": "kv.set", "key": key, "value": value });
    let (long, kilobyte) = ("v".repeat(101), "v".repeat(90));
    // The last plugin's results are what the token has: the probe comes last.
    plugins.put("keeper", &crate::kit::guest("host-calls"));
    plugins.manifest(
        "keeper",
        &(manifest(1, "kv_entries = 3\nkv_bytes = 400\nkv_value_bytes = 100")
            + &calls(json!([set("secret", "mine"), set("a", "1"), set("b", "2"), set("c", "3")]))),
    );
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register(ADA).await.expect(201);
    let results = results(&server).await;
    assert_eq!(results[2], Value::Null, "three fit: {results}");
    let error = results[3]["error"].as_str().unwrap_or_else(|| panic!("{results}"));
    assert!(error.contains("all of its 3 entries are used (`kv_entries`)"), "{error}");

    let more = calls(json!([
        set("a", &long),
        set("a", &kilobyte),
        set("b", &kilobyte),
        set("secret", &kilobyte),
        { "do": "kv.set", "key": "b", "value": kilobyte.repeat(2) },
    ]));
    plugins
        .manifest("keeper", &(manifest(1, "kv_entries = 3\nkv_bytes = 250\nkv_value_bytes = 100") + &more));
    eventually("the new settings serve", || async {
        let text = self::results(&server).await.to_string();
        text.contains("the value is longer than 100 bytes (`kv_value_bytes`)")
            && text.contains("there is no room for it in 250 bytes (`kv_bytes`)")
    })
    .await;

    plugins.put("probe", &crate::kit::guest("host-calls"));
    let probing = json!([
        { "do": "kv.get", "key": "secret" },
        { "do": "kv.get", "key": "keeper/secret" },
        { "do": "kv.delete", "key": "secret" },
        { "do": "kv.compare-and-set", "key": "secret", "expected": "mine", "value": "taken" },
    ]);
    plugins.manifest("probe", &(manifest(9, "") + &calls(probing)));
    server.logs(&["plugin loaded", "probe"]).await;
    eventually("the probe finds nothing", || async {
        self::results(&server).await == json!([null, null, null, false])
    })
    .await;
    plugins.remove("probe");
    plugins.manifest("keeper", &(manifest(1, "") + &calls(json!([{ "do": "kv.get", "key": "secret" }]))));
    eventually("and nothing was taken", || async {
        let results = self::results(&server).await;
        results.as_array().unwrap().len() == 1 && results[0].is_string()
    })
    .await;
}

async fn results(server: &Server) -> Value {
    let answer = server.login(ADA).await;
    answer.expect(200);
    claims(&answer.text("access_token"))["results"].clone()
}

#[tokio::test]
async fn one_plugin_does_not_starve_another() {
    for (kind, hog) in
        [("waits", sleeping(3_600_000)), ("computes", gate("", "(loop $on (br $on)) (i32.const 0)"))]
    {
        let plugins = Plugins::with("jwt-add-claim");
        plugins.manifest("jwt-add-claim", "[config]\nvalue = \"fine\"\n[limits]\ntime_ms = 5000\n");
        let config = format!("[hooks]\n{PATIENT}");
        let server = Setup::new().config(&config).plugins(plugins.path()).start().await;
        let mut token = server.register(ADA).await.text("refresh_token");
        plugins.manifest(
            "hog",
            "smoke_call = false\n[limits]\ntime_ms = 1000\ncpu_ms = 1000\nqueue_wait_ms = 3000\n",
        );
        plugins.put("hog", &hog);
        server.logs(&["plugin loaded", "hog"]).await;
        let is_done = std::cell::Cell::new(false);
        // More than the plugin may have at once, and again and again.
        let crowd = futures_util::future::join_all((0..70).map(|_| async {
            while !is_done.get() {
                let answer = server.login(ADA).await;
                assert!(matches!(answer.status, 200 | 503), "{answer:?}");
            }
        }));
        let others = async {
            eventually("the crowd is there", || async { server.log.count(&["a hook failed", "hog"]) > 0 })
                .await;
            for _ in 0..30 {
                let answer = server.refresh(&token).await;
                answer.expect(200);
                assert_eq!(claims(&answer.text("access_token"))["added_by"], "jwt-add-claim fine");
                token = answer.text("refresh_token");
            }
            is_done.set(true);
        };
        futures_util::future::join(crowd, others).await;
        assert_eq!(server.log.count(&["a hook failed", "jwt-add-claim"]), 0, "one that {kind} costs others");
    }
}
