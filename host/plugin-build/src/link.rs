//! Makes one core module of the several that script engines' components are linked from.
//!
//! QuickJS comes as 6 core modules and 60 stubs, CPython as 38: an engine, its libraries, the memory with the snapshot.
//! They are linked anew at each start of an instance, and the engine's table of functions is filled anew, since it
//! belongs to another module. As one module the same code starts with its table as it lies in the file.

mod merge;
mod part;
mod wiring;

use crate::component::{Ways, componentize};

/// The component is not put together in a way that is known here.
#[derive(Debug, thiserror::Error)]
#[error("the component's modules cannot be linked: {0}")]
pub struct LinkError(String);

impl LinkError {
    fn of(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl From<wasmparser::BinaryReaderError> for LinkError {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self::of(error)
    }
}

/// The same component with one core module.
///
/// # Errors
/// It imports more than the contract has, or does at its start what can't be done beforehand.
pub fn link(component: &[u8]) -> Result<Vec<u8>, LinkError> {
    let wiring = wiring::Wiring::of(component)?;
    componentize(&merge::merge(&wiring)?, Ways::default()).map_err(LinkError::of)
}

/// The same component with one core module; or as it was, and what to tell its author: it does the same, but its calls
/// start later.
pub(crate) fn linked(component: Vec<u8>) -> (Vec<u8>, Option<String>) {
    match link(&component) {
        Ok(linked) => (linked, None),
        Err(error) => (component, Some(format!("a call starts later than it could: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a linker of dynamic libraries makes: a memory and a table, and an engine that has its functions put into
    /// that table and asks something that is not there.
    const LINKED_AT_START: &str = r#"(component
        (type $error (result (error string)))
        (type $option (option string))
        (import "hookgate:hooks/types@0.1.0" (instance $types
            (type $u (record (field "id" string) (field "email" string) (field "name" (option string))
                (field "image" (option string)) (field "email-verified" bool) (field "is-active" bool)))
            (export "user" (type (eq $u)))))
        (alias export $types "user" (type $user))
        (import "hookgate:hooks/clock@0.1.0" (instance $clock (export "now" (func (result u64)))))
        (core module $memory
            (memory (export "memory") 1)
            (table (export "table") 8 funcref)
            (global (export "base") i32 (i32.const 2))
            (data (i32.const 16) "a snapshot"))
        (core module $engine
            (import "env" "memory" (memory 1))
            (import "env" "table" (table 8 funcref))
            (import "env" "base" (global $base i32))
            (import "clock" "now" (func $now (result i64)))
            (elem (global.get $base) func $hook)
            (func $hook (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
                (drop (call $now)) (i32.const 0))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
            (export "hookgate:hooks/on-signup@0.1.0#on-signup" (func $hook)))
        (core instance $memory (instantiate $memory))
        (core func $now (canon lower (func $clock "now")))
        (core instance $clocks (export "now" (func $now)))
        (core instance $engine (instantiate $engine (with "env" (instance $memory)) (with "clock" (instance $clocks))))
        (alias core export $engine "realloc" (core func $realloc))
        (alias core export $memory "memory" (core memory $mem))
        (func $hook (param "user" $user) (result $error) (canon lift
            (core func $engine "hookgate:hooks/on-signup@0.1.0#on-signup") (memory $mem) (realloc $realloc)))
        (instance $exports (export "on-signup" (func $hook))))"#;

    fn component(text: &str) -> Vec<u8> {
        wat::parse_str(text).expect("a component")
    }

    fn printed(module: &[u8]) -> String {
        let mut text = String::new();
        for payload in wasmparser::Parser::new(0).parse_all(module) {
            if let wasmparser::Payload::ElementSection(section) = payload.expect("a section") {
                for element in section {
                    let wasmparser::ElementKind::Active { offset_expr, .. } = element.expect("one").kind
                    else {
                        continue;
                    };
                    let offset = offset_expr.get_operators_reader().read().expect("an operator");
                    text += &format!("{offset:?} ");
                }
            }
        }
        text
    }

    #[test]
    fn modules_become_one_that_needs_nothing_done_at_its_start() {
        let component = component(LINKED_AT_START);
        let module = merge::merge(&wiring::Wiring::of(&component).expect("wiring")).expect("a module");
        wasmparser::validate(&module).expect("a valid module");
        assert_eq!(printed(&module), "I32Const { value: 2 } ");
        assert!(crate::component::is_component(&link(&component).expect("a component")));
    }

    #[test]
    fn what_cannot_be_done_beforehand_is_said_and_left_alone() {
        for (change, to, part) in [
            ("hookgate:hooks/clock@0.1.0", "wasi:clocks/wall-clock@0.2.0", "it imports wasi:clocks"),
            ("hookgate:hooks/on-signup@0.1.0#on-signup", "on-signup", "it has no hook"),
            ("(elem (global.get $base) func $hook)", "(func $s) (start $s)", "start function"),
        ] {
            let component = component(&LINKED_AT_START.replace(change, to));
            let error = link(&component).expect_err(part).to_string();
            assert!(error.contains(part), "{error}");
            let (same, note) = linked(component.clone());
            assert_eq!(same, component);
            assert!(note.is_some_and(|note| note.contains("cannot be linked")));
        }
        assert!(link(b"nonsense").is_err());
    }
}
