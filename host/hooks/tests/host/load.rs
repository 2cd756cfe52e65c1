//! What is refused when it is loaded, and in which words.

use hookgate_core::hooks::Hook;
use hookgate_hooks::{EngineConfig, HookEngine, HookInput, HookOutput, Inspected, Manifest};

use crate::kit::{ENGINE, component_of, context, event, guest, identity, load_with, module, try_load, user};

async fn refusal(bytes: Vec<u8>, manifest: &str) -> String {
    try_load("guest", bytes, manifest).await.expect_err("a refusal").to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_component_is_told_apart() {
    assert_eq!(refusal(Vec::new(), "").await, "is empty");
    assert!(refusal(b"(component)".to_vec(), "").await.starts_with("is not WebAssembly"));
    assert!(refusal(b"\0as".to_vec(), "").await.starts_with("ends in the middle, after 3 bytes"));

    let core = wat::parse_str("(module)").expect("a module");
    assert!(
        refusal(core, "")
            .await
            .contains("core WebAssembly module, not a component; make it one with `wasm-tools")
    );

    let precompiled = ENGINE.wasmtime().precompile_component(&identity()).expect("compiled");
    assert!(refusal(precompiled, "").await.starts_with("is precompiled machine code"));
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_file_is_refused_wherever_it_ends() {
    let whole = identity();
    for end in (1..whole.len()).step_by(7) {
        let said = refusal(whole[..end].to_vec(), "").await;
        assert!(
            said.starts_with("ends in the middle")
                || said.starts_with("is not")
                || said.starts_with("exports no hook"),
            "{end}: {said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_a_flipped_byte_never_panics() {
    let whole = identity();
    for at in (8..whole.len()).step_by(3) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x41;
        // Many flips are harmless (names of functions, constants); none may end the process.
        drop(try_load("guest", bytes, "").await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_not_even_parsed() {
    let engine = HookEngine::new(EngineConfig { max_component_bytes: 100, ..EngineConfig::default() })
        .expect("an engine");
    let said =
        engine.prepare("guest", identity(), Manifest::default()).await.expect_err("too large").to_string();
    assert!(said.ends_with("more than the 100 that are loaded (`max_component_bytes`)"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_without_a_hook_is_refused() {
    let bytes = component_of(
        "package acme:x; world w { export go: func(); }",
        "w",
        r#"(module (func (export "go")))"#,
    );
    assert!(
        refusal(bytes, "")
            .await
            .starts_with("exports no hook; it must export at least one interface of hookgate:hooks@0.1.0")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_of_language_runtimes_are_ignored() {
    let packages =
        "package acme:x; world w { include hookgate:hooks/modify-jwt-hook@0.1.0; export init: func(); }";
    let text = module(
        Hook::ModifyJwt,
        r#"(func (export "init") unreachable)"#,
        "(call $answer (i32.const 0) (local.get $json) (local.get $len))",
    );
    // The runtime's memory comes after the item; a function may stand anywhere.
    let plugin = load_with("runtime", component_of(packages, "w", &text), "").await;
    assert_eq!(plugin.hooks(), [Hook::ModifyJwt]);
}

fn of_version(version: &str, interface: &str) -> Vec<u8> {
    let wit = format!(
        "package hookgate:hooks@{version};
        interface {interface} {{ {interface}: func(json: string) -> result<string, string>; }}
        world w {{ export {interface}; }}"
    );
    let text = format!(
        r#"(module (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
            (func (export "hookgate:hooks/{interface}@{version}#{interface}") (param i32 i32) (result i32) (i32.const 0)))"#
    );
    component_of(&wit, "w", &text)
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_of_the_contract_is_named() {
    assert_eq!(
        refusal(of_version("0.2.0", "modify-jwt"), "").await,
        "exports `hookgate:hooks/modify-jwt@0.2.0`, but this server speaks hookgate:hooks@0.1.0; \
         build it against that version of the WIT"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_hook_is_named_with_the_nearest() {
    let said = refusal(of_version("0.1.7", "modify-token"), "").await;
    assert!(
        said.starts_with(
            "exports `hookgate:hooks/modify-token@0.1.7`, a hook that this server does not know"
        ),
        "{said}"
    );
    assert!(refusal(of_version("0.1.7", "modify-jwts"), "").await.contains("did you mean `modify-jwt`?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_with_other_types_is_named() {
    let said = refusal(of_version("0.1.7", "modify-jwt"), "").await;
    assert!(
        said.starts_with("exports `hookgate:hooks/modify-jwt@0.1.0` with other types than the contract's: "),
        "{said}"
    );
    assert!(said.ends_with("; build it against the server's WIT"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_import_is_named() {
    let packages = "package acme:kv@1.0.0;
        interface store { get: func() -> u32; }
        world w { import store; include hookgate:hooks/modify-jwt-hook@0.1.0; }";
    let text = module(
        Hook::ModifyJwt,
        r#"(import "acme:kv/store@1.0.0" "get" (func $get (result i32)))"#,
        "(drop (call $get)) (call $answer (i32.const 0) (local.get $json) (local.get $len))",
    );
    let said = refusal(component_of(packages, "w", &text), "").await;
    assert!(
        said.starts_with("imports `acme:kv/store@1.0.0`, which this server does not offer to plugins"),
        "{said}"
    );
    assert!(said.contains("hookgate:hooks/log@0.1.0"), "{said}");
}

fn logger() -> Vec<u8> {
    guest(
        Hook::OnSignup,
        r#"(import "hookgate:hooks/log@0.1.0" "log" (func $log (param i32 i32 i32 i32 i32)))"#,
        "(call $log (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
        (call $answer (i32.const 0) (i32.const 0) (i32.const 0))",
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_granted_is_refused() {
    assert_eq!(
        refusal(logger(), "grants = [\"config\"]").await,
        "imports log, which its manifest does not grant; write `grants = [\"log\", \"config\"]` into it, or build it without"
    );
    let plugin = load_with("logger", logger(), "grants = [\"log\"]").await;
    let event = event(Hook::OnSignup);
    let input = HookInput::Event { hook: Hook::OnSignup, user: &event.user, text: None, passkey: None };
    assert_eq!(plugin.call(&context(), input).await.0, Ok(HookOutput::Taken));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_wants_too_much_is_refused() {
    let said = refusal(identity(), "hooks = [\"allow-signin\"]").await;
    assert!(said.starts_with("does not export allow-signin, which its manifest lists"), "{said}");
    let said = refusal(identity(), "[limits]\ntime_ms = 60000").await;
    assert!(said.contains("`time_ms` = 60000 is above the server's ceiling of 10000"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_is_too_big_for_its_limits_is_refused() {
    let big = guest(Hook::AllowSignin, "", "(i32.const 0)");
    let said = refusal(big, "[limits]\nmemory_bytes = 65536").await;
    assert_eq!(
        said,
        "needs 131072 bytes of memory to start with, but its limit is 65536; \
         raise `memory_bytes` under [limits], or make it smaller"
    );
    let table = guest(Hook::AllowSignin, "(table 200 funcref)", "(i32.const 0)");
    assert!(refusal(table, "[limits]\ntable_elements = 100").await.starts_with("needs 200 table elements"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_at_start_is_refused() {
    let bytes = guest(Hook::AllowSignin, "(start $init) (func $init unreachable)", "(i32.const 0)");
    assert_eq!(refusal(bytes, "").await, "does not start: wasm `unreachable` instruction executed");
}

#[tokio::test(flavor = "multi_thread")]
async fn asynchronous_components_are_refused() {
    let text = r#"(component
        (core module $m (func (export "f") (result i32) (i32.const 0))
            (func (export "cb") (param i32 i32 i32) (result i32) (i32.const 0)))
        (core instance $i (instantiate $m))
        (func $f async (canon lift (core func $i "f") async (callback (core func $i "cb"))))
        (instance $e (export "go" (func $f)))
        (export "hookgate:hooks/on-signup@0.1.0" (instance $e)))"#;
    let bytes = wat::parse_str(text).expect("a component");
    assert!(refusal(bytes, "").await.starts_with("uses asynchronous component functions"));
}

#[test]
fn a_component_can_be_inspected_without_an_engine() {
    let inspected = Inspected::of(&logger(), 1 << 20).expect("fine");
    assert_eq!(inspected.hooks().collect::<Vec<_>>(), [Hook::OnSignup]);
    assert_eq!(inspected.capabilities, [hookgate_hooks::Capability::Log]);
    assert_eq!(inspected.digest.to_string().len(), 64);
    assert!(inspected.imports.contains(&"hookgate:hooks/log@0.1.0".to_owned()), "{inspected:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_hooks_in_one_component() {
    let functions: String = Hook::ALL
        .iter()
        .map(|hook| {
            let text = module(*hook, "", "unreachable");
            let at = text.rfind("(func (export \"hookgate").expect("the hook's function");
            text[at..text.len() - 1].to_owned()
        })
        .collect();
    let text = module(Hook::AllowSignin, "", "unreachable");
    let at = text.rfind("(func (export \"hookgate").expect("the hook's function");
    let text = format!("{}{functions})", &text[..at]);
    let plugin = load_with("all", crate::kit::component("event-hooks", &text), "").await;
    assert_eq!(plugin.hooks(), Hook::ALL);
    let user = user();
    let (result, _) = plugin.call(&context(), HookInput::AllowSignin { user: &user, provider: "x" }).await;
    assert!(result.is_err());
}
