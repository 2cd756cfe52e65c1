//! Guests in WebAssembly text, for the tests of the plugin host and those of the server. Built when the test
//! runs, by the compilers' own library, so that a guest is as odd as the test wants it.

use hookgate_core::hooks::{Hook, Shape};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Turns a core module into a component of a world of the contract.
pub(crate) fn component(world: &str, module: &str) -> Vec<u8> {
    component_of("", &format!("hookgate:hooks/{world}"), module)
}

/// The same with WIT packages of the test's own, given as text; `world` may be in one of them.
pub(crate) fn component_of(packages: &str, world: &str, module: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let (package, _) =
        resolve.push_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit")).expect("the contract");
    let mut newest = package;
    for (n, text) in packages.split("====").filter(|text| !text.trim().is_empty()).enumerate() {
        newest = resolve.push_str(format!("test-{n}.wit"), text).expect("the test's WIT");
    }
    let world = match world.strip_prefix("hookgate:hooks/") {
        Some(world) => resolve.select_world(&[package], Some(world)).expect("a world"),
        None => resolve.select_world(&[newest], Some(world)).expect("a world"),
    };
    let mut module = wat::parse_str(module).unwrap_or_else(|error| panic!("{error}\n{module}"));
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    ComponentEncoder::default()
        .module(&module)
        .expect("a module")
        .validate(true)
        .encode()
        .expect("a component")
}

/// What every module needs: memory, an allocator that never frees, and answers.
///
/// Bytes 0..64 hold answers, what follows is for data of the test, allocation begins at 65536.
pub(crate) const RUNTIME: &str = r#"
    (memory (export "memory") 2)
    (global $top (mut i32) (i32.const 65536))
    (func $alloc (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (global.get $top))
        (global.set $top (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7)) (i32.const -8)))
        (block $fits
            (loop $grow
                (br_if $fits (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
                (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
                (br $grow)))
        (local.get $at))
    (func $answer (param $tag i32) (param $text i32) (param $len i32) (result i32)
        (i32.store8 (i32.const 0) (local.get $tag))
        (i32.store (i32.const 4) (local.get $text))
        (i32.store (i32.const 8) (local.get $len))
        (i32.const 0))
"#;

const REALLOC: &str = r#"
    (func (export "cabi_realloc") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (call $alloc (local.get $size)))
        (memory.copy (local.get $at) (local.get $old) (local.get $had))
        (local.get $at))
"#;

const USER: &str =
    "(param i32 i32) (param $email i32) (param $email_len i32) (param i32 i32 i32 i32 i32 i32 i32 i32)";

/// A module for one hook: `items` stand outside the function, `body` in it.
///
/// In `body`, mutations have `$json` and `$len`, the others `$email` and `$email_len`; it leaves the
/// address of the answer.
pub(crate) fn module(hook: Hook, items: &str, body: &str) -> String {
    module_with(&format!("{RUNTIME}{REALLOC}"), hook, items, body)
}

/// The same with another runtime.
pub(crate) fn module_with(runtime: &str, hook: Hook, items: &str, body: &str) -> String {
    let parameters = match Shape::of(hook) {
        Shape::Gate | Shape::TextEvent => format!("{USER} (param i32 i32)"),
        Shape::Mutation => format!("(param $json i32) (param $len i32) {USER}"),
        Shape::PasskeyEvent => "(param i32)".to_owned(),
        Shape::Event => USER.to_owned(),
    };
    format!(
        r#"(module {items} {runtime}
            (func (export "hookgate:hooks/{hook}@0.1.0#{hook}") {parameters} (result i32) {body}))"#
    )
}

/// A component with one hook.
pub(crate) fn guest(hook: Hook, items: &str, body: &str) -> Vec<u8> {
    component(&format!("{hook}-hook"), &module(hook, items, body))
}

/// Answers what it was given.
pub(crate) fn identity() -> Vec<u8> {
    guest(Hook::ModifyJwt, "", "(call $answer (i32.const 0) (local.get $json) (local.get $len))")
}

/// Answers a fixed text.
pub(crate) fn fixed(hook: Hook, text: &str) -> Vec<u8> {
    guest(
        hook,
        &data(1024, text),
        &format!("(call $answer (i32.const 0) (i32.const 1024) (i32.const {}))", text.len()),
    )
}

/// Appends `,"key":"value"` to the object that it was given.
pub(crate) fn claim(key: &str, value: &str) -> Vec<u8> {
    let text = format!(",\"{key}\":\"{value}\"}}");
    guest(
        Hook::ModifyJwt,
        &data(1024, &text),
        &format!(
            "(local $at i32)
            (local.set $at (call $alloc (i32.add (local.get $len) (i32.const {len}))))
            (memory.copy (local.get $at) (local.get $json) (local.get $len))
            (memory.copy (i32.sub (i32.add (local.get $at) (local.get $len)) (i32.const 1)) (i32.const 1024) (i32.const {len}))
            (call $answer (i32.const 0) (local.get $at) (i32.add (local.get $len) (i32.const {})))",
            text.len() - 1,
            len = text.len(),
        ),
    )
}

/// Fails with a fixed text.
pub(crate) fn failing(hook: Hook, text: &str) -> Vec<u8> {
    guest(
        hook,
        &data(1024, text),
        &format!("(call $answer (i32.const 1) (i32.const 1024) (i32.const {}))", text.len()),
    )
}

/// Lets everybody in.
pub(crate) fn allowing() -> Vec<u8> {
    guest(
        Hook::AllowSignin,
        "",
        "(i32.store (i32.const 0) (i32.const 0)) (i32.store (i32.const 4) (i32.const 0)) (i32.const 0)",
    )
}

/// Denies with code, message and reason.
pub(crate) fn denying(code: &str, message: &str, reason: &str) -> Vec<u8> {
    let (at_message, at_reason) = (1024 + code.len(), 1024 + code.len() + message.len());
    let store = |at: usize, value: usize| format!("(i32.store (i32.const {at}) (i32.const {value}))");
    let body: String = [
        (0, 0),
        (4, 1),
        (8, 1),
        (12, 1024),
        (16, code.len()),
        (20, 1),
        (24, at_message),
        (28, message.len()),
        (32, 1),
        (36, at_reason),
        (40, reason.len()),
    ]
    .map(|(at, value)| store(at, value))
    .concat();
    guest(
        Hook::AllowSignin,
        &data(1024, &format!("{code}{message}{reason}")),
        &format!("{body} (i32.const 0)"),
    )
}

/// A data segment.
pub(crate) fn data(at: usize, text: &str) -> String {
    let bytes: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    format!("(data (i32.const {at}) \"{bytes}\")")
}

/// The parts of WASI 0.2 that guests try.
const WASI: &str = r"
package wasi:io@0.2.0;
interface error { resource error; }
interface poll { resource pollable { block: func(); } }
interface streams {
    use error.{error};
    variant stream-error { last-operation-failed(error), closed }
    resource output-stream { blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>; }
}
====
package wasi:cli@0.2.0;
interface environment {
    get-environment: func() -> list<tuple<string, string>>;
    get-arguments: func() -> list<string>;
}
interface exit { exit: func(status: result); }
interface stdout { use wasi:io/streams@0.2.0.{output-stream}; get-stdout: func() -> output-stream; }
interface stderr { use wasi:io/streams@0.2.0.{output-stream}; get-stderr: func() -> output-stream; }
====
package wasi:clocks@0.2.0;
interface monotonic-clock { use wasi:io/poll@0.2.0.{pollable}; subscribe-duration: func(when: u64) -> pollable; }
interface wall-clock { record datetime { seconds: u64, nanoseconds: u32 } now: func() -> datetime; }
====
package wasi:random@0.2.0;
interface random { get-random-u64: func() -> u64; get-random-bytes: func(len: u64) -> list<u8>; }
====
package wasi:filesystem@0.2.0;
interface types { resource descriptor; }
interface preopens { use types.{descriptor}; get-directories: func() -> list<tuple<descriptor, string>>; }
====
package wasi:sockets@0.2.0;
interface network {
    enum ip-address-family { ipv4, ipv6 }
    enum error-code {
        unknown, access-denied, not-supported, invalid-argument, out-of-memory, timeout, concurrency-conflict,
        not-in-progress, would-block, invalid-state, new-socket-limit, address-not-bindable, address-in-use,
        remote-unreachable, connection-refused, connection-reset, connection-aborted, datagram-too-large,
        name-unresolvable, temporary-resolver-failure, permanent-resolver-failure
    }
}
interface tcp { resource tcp-socket; }
interface tcp-create-socket {
    use network.{error-code, ip-address-family};
    use tcp.{tcp-socket};
    create-tcp-socket: func(address-family: ip-address-family) -> result<tcp-socket, error-code>;
}
====
package acme:p;
world w {
    import wasi:cli/environment@0.2.0;
    import wasi:cli/exit@0.2.0;
    import wasi:cli/stdout@0.2.0;
    import wasi:cli/stderr@0.2.0;
    import wasi:io/poll@0.2.0;
    import wasi:clocks/monotonic-clock@0.2.0;
    import wasi:clocks/wall-clock@0.2.0;
    import wasi:random/random@0.2.0;
    import wasi:filesystem/preopens@0.2.0;
    import wasi:sockets/tcp-create-socket@0.2.0;
    include hookgate:hooks/HOOK-hook@0.1.0;
}";

/// A component with one hook that imports WASI.
pub(crate) fn wasi_guest(hook: Hook, items: &str, body: &str) -> Vec<u8> {
    component_of(&WASI.replace("HOOK", hook.name()), "w", &module(hook, items, body))
}
