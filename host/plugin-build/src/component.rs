//! From a core module to a component.

use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

use crate::contract;
use crate::wasi::{PREVIEW1, WasiStub};

/// The module can't become a component.
#[derive(Debug, thiserror::Error)]
#[error("the module cannot be made a component: {problem}")]
pub struct EncodeError {
    /// Why not.
    pub problem: String,
    /// What the module has of its own accord to do with others: its mistake may lie there.
    pub names: Names,
}

impl EncodeError {
    fn of(error: impl std::fmt::Display) -> Self {
        Self { problem: format!("{error:#}"), names: Names::default() }
    }

    fn about(self, names: &Names) -> Self {
        Self { names: names.clone(), ..self }
    }
}

/// What a module exports and imports, as a component would name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Interfaces, each once.
    pub exports: Vec<String>,
    /// Interfaces, and as `module.field` what is no interface.
    pub imports: Vec<String>,
}

impl Names {
    fn of(module: &[u8]) -> Result<Self, EncodeError> {
        let mut names = Self::default();
        let add = |list: &mut Vec<String>, name: String| {
            if !list.contains(&name) {
                list.push(name);
            }
        };
        for payload in Parser::new(0).parse_all(module) {
            match payload.map_err(EncodeError::of)? {
                Payload::ExportSection(section) => {
                    for export in section {
                        let name = export.map_err(EncodeError::of)?.name;
                        // `cabi_post_…` and the like belong to a function that is there itself.
                        if let Some((interface, _)) =
                            name.split_once('#').filter(|(name, _)| is_interface(name))
                        {
                            add(&mut names.exports, interface.to_owned());
                        }
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import.map_err(EncodeError::of)?;
                        let name = if is_interface(import.module) {
                            import.module.to_owned()
                        } else {
                            format!("{}.{}", import.module, import.name)
                        };
                        add(&mut names.imports, name);
                    }
                }
                _ => {}
            }
        }
        Ok(names)
    }
}

/// `hookgate:hooks/allow-signin@0.1.0`.
fn is_interface(name: &str) -> bool {
    let is_kebab = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    name.split_once(':').is_some_and(|(namespace, rest)| is_kebab(namespace) && rest.contains('/'))
}

/// Makes a component of a module that carries its WIT.
///
/// # Errors
/// The module has no WIT, or does not fit it.
pub fn encode(module: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let names = Names::of(module)?;
    let encoder = ComponentEncoder::default().module(module).map_err(EncodeError::of);
    encoder.and_then(encoded).map_err(|error| error.about(&names))
}

fn encoded(encoder: ComponentEncoder) -> Result<Vec<u8>, EncodeError> {
    encoder.validate(true).encode().map_err(EncodeError::of)
}

/// What is particular about a language's modules.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ways {
    /// Its strings are UTF-16.
    pub utf16: bool,
    /// It imports WASI preview 1 since its runtime does: give it one in which nothing is there.
    pub stub_wasi: Option<WasiStub>,
}

/// Makes a component of a module whose exports are named as the contract names them.
///
/// # Errors
/// It exports no hook, or does not fit the contract.
pub fn componentize(module: &[u8], ways: Ways) -> Result<Vec<u8>, EncodeError> {
    let mut names = Names::of(module)?;
    if ways.stub_wasi.is_some() {
        names.imports.retain(|name| !name.starts_with(PREVIEW1));
    }
    fitted(module, &names, ways).map_err(|error| error.about(&names))
}

fn fitted(module: &[u8], names: &Names, ways: Ways) -> Result<Vec<u8>, EncodeError> {
    let exports = hooks_of(names)?;
    let mut resolve = Resolve::default();
    let package =
        resolve.push_source("hookgate.wit", &contract::with_world(&exports)).map_err(EncodeError::of)?;
    let world = resolve.select_world(&[package], Some(contract::WORLD)).map_err(EncodeError::of)?;
    let encoding = if ways.utf16 { StringEncoding::UTF16 } else { StringEncoding::UTF8 };
    let mut module = module.to_vec();
    wit_component::embed_component_metadata(&mut module, &resolve, world, encoding)
        .map_err(EncodeError::of)?;
    let mut encoder = ComponentEncoder::default().module(&module).map_err(EncodeError::of)?;
    if let Some(stub) = ways.stub_wasi {
        let stub = stub.module().map_err(EncodeError::of)?;
        encoder = encoder.adapter(PREVIEW1, &stub).map_err(EncodeError::of)?;
    }
    encoded(encoder)
}

/// The interfaces of the contract that a module exports.
fn hooks_of(names: &Names) -> Result<Vec<String>, EncodeError> {
    let (package, version) = contract::PACKAGE.split_once('@').unwrap_or((contract::PACKAGE, ""));
    let mut hooks = Vec::new();
    for name in &names.exports {
        let Some(interface) = name.strip_prefix(package).and_then(|rest| rest.strip_prefix('/')) else {
            continue;
        };
        match interface.split_once('@') {
            Some((hook, of)) if of == version => hooks.push(hook.to_owned()),
            _ => return Err(EncodeError::of(format!("it exports `{name}`, which is of another version"))),
        }
    }
    if hooks.is_empty() {
        return Err(EncodeError::of(format!(
            "it exports no hook: it should have a function such as `{package}/allow-signin@{version}#allow-signin`"
        )));
    }
    Ok(hooks)
}

/// Whether it is a component already, as linkers for WASI 0.2 make them.
#[must_use]
pub fn is_component(bytes: &[u8]) -> bool {
    // The magic number, then the version of the encoding and its layer: 0 of a module, 1 of a component.
    bytes.starts_with(b"\0asm") && bytes.get(6..8) == Some(&[1, 0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> Vec<u8> {
        wat::parse_str(text).expect("a module")
    }

    const EVENT: &str = r#"(module
        (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
        (func (export "hookgate:hooks/on-signup@0.1.0#on-signup")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 0)))"#;

    #[test]
    fn components_and_modules_are_told_apart() {
        assert!(is_component(b"\0asm\x0d\0\x01\0"));
        assert!(!is_component(b"\0asm\x01\0\0\0"));
        assert!(!is_component(b"\0asm"));
    }

    #[test]
    fn what_is_no_module_is_refused() {
        let error = encode(b"nonsense").expect_err("nonsense");
        assert!(error.to_string().starts_with("the module cannot be made a component: "), "{error}");
    }

    #[test]
    fn a_module_becomes_a_component_by_the_names_of_its_exports() {
        let ways = Ways { stub_wasi: Some(WasiStub::default()), ..Ways::default() };
        assert!(is_component(&componentize(&module(EVENT), ways).expect("a component")));
    }

    #[test]
    fn what_does_not_fit_is_said() {
        for (text, part) in [
            (EVENT.to_owned(), PREVIEW1),
            ("(module)".to_owned(), "it exports no hook"),
            (EVENT.replace("@0.1.0", "@0.9.0"), "another version"),
            (EVENT.replace("on-signup", "on-nothing"), "on-nothing"),
            (EVENT.replace("(result i32) (i32.const 0)", ""), "on-signup"),
        ] {
            let ways = Ways { stub_wasi: (part != PREVIEW1).then(WasiStub::default), ..Ways::default() };
            let error = componentize(&module(&text), ways).expect_err(part).to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn an_error_knows_what_the_module_wants_and_has() {
        let text =
            EVENT.replace("(memory", r#"(import "hookgate:hooks/nothing@0.1.0" "get" (func)) (memory"#);
        let names = componentize(&module(&text), Ways::default()).expect_err("WASI").names;
        assert_eq!(names.exports, ["hookgate:hooks/on-signup@0.1.0"]);
        assert_eq!(names.imports, ["wasi_snapshot_preview1.random_get", "hookgate:hooks/nothing@0.1.0"]);
    }
}
