//! Components that tests write themselves, in WebAssembly text.

use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Turns text into bytes.
pub(crate) fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// A component whose gate is this function of no use: it is refused before it is called.
pub(crate) fn gate_of(function: &str) -> Vec<u8> {
    wat(&format!(
        r#"(component
            (core module $m {function})
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (instance $e (export "allow-signin" (func $f)))
            (export "hookgate:hooks/allow-signin@0.1.0" (instance $e)))"#
    ))
}

/// A component whose compilation takes minutes and gigabytes: every loop has to hand every local on.
pub(crate) fn compile_bomb() -> Vec<u8> {
    const LOCALS: usize = 4000;
    const LOOPS: usize = 4000;
    let locals = "i32 ".repeat(LOCALS);
    let loops = "loop ".repeat(LOOPS);
    let work: String =
        (0..LOCALS).map(|n| format!("local.get {n} i32.const 1 i32.add local.set {n} ")).collect();
    let ends: String = (0..LOOPS).map(|n| format!("local.get {n} br_if 0 end ")).collect();
    gate_of(&format!(r#"(func (export "f") (local {locals}) {loops} {work} {ends})"#))
}

/// A core module with the WIT of a world of the contract in it, as C, Zig and TinyGo build it. Its
/// `modify-jwt` answers `claims`, whatever it is given.
pub(crate) fn core_module(imports: &str, claims: &str) -> Vec<u8> {
    let (text, length) = (claims.replace('"', "\\22"), claims.len());
    let mut module = wat(&format!(
        r#"(module {imports}
            (memory (export "memory") 4)
            (global $top (mut i32) (i32.const 65536))
            (data (i32.const 1024) "{text}")
            (data (i32.const 0) "\00\00\00\00\00\04\00\00")
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (local $at i32)
                (local.set $at (global.get $top))
                (global.set $top (i32.and (i32.add (i32.add (local.get $at) (local.get 3)) (i32.const 7)) (i32.const -8)))
                (local.get $at))
            (func (export "hookgate:hooks/modify-jwt@0.1.0#modify-jwt")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
                (i32.store (i32.const 8) (i32.const {length}))
                (i32.const 0)))"#
    ));
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit")).unwrap();
    let world = resolve.select_world(&[package], Some("modify-jwt-hook")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    module
}
