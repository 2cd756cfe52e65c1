//! Makes a component of a core module that carries its WIT: what TinyGo, Zig, C and the target
//! `wasm32-wasip1` build.

use wasi_preview1_component_adapter_provider as adapter;
use wasmparser::{Parser, Payload, TypeRef};
use wit_component::ComponentEncoder;

use crate::error::Refusal;
use crate::text::one_line;

/// What every custom section with WIT in it is called, with a world's name behind.
const TYPE_SECTION: &str = "component-type";
/// The imports that the adapter answers.
const PREVIEW1: &str = adapter::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME;

/// Which version of this conversion made a component, for caches.
pub(crate) const VERSION: &str = "wit-component 0.254, preview1 adapter 48";

/// Whether the module says which world it is for.
///
/// # Errors
/// It does not.
pub(crate) fn check(module: &[u8]) -> Result<(), Refusal> {
    for payload in Parser::new(0).parse_all(module) {
        match payload {
            Ok(Payload::CustomSection(section)) if section.name().starts_with(TYPE_SECTION) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.message().contains("unexpected end") => {
                return Err(Refusal::Truncated { size: module.len() as u64 });
            }
            Err(error) => return Err(Refusal::Malformed(one_line(&error.to_string(), 300))),
        }
    }
    Err(Refusal::CoreModule)
}

/// Makes the component.
///
/// # Errors
/// Its imports and exports are not those of its world, in one line.
pub(crate) fn encode(module: &[u8]) -> Result<Vec<u8>, String> {
    let mut encoder = ComponentEncoder::default().module(module).map_err(|error| text(&error))?;
    if imports_preview1(module) {
        encoder = encoder
            .adapter(PREVIEW1, adapter::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)
            .map_err(|error| text(&error))?;
    }
    encoder.validate(true).encode().map_err(|error| text(&error))
}

fn text(error: &impl std::fmt::Display) -> String {
    one_line(&format!("{error:#}").replace('\n', " "), 400)
}

fn imports_preview1(module: &[u8]) -> bool {
    Parser::new(0).parse_all(module).map_while(Result::ok).any(|payload| match payload {
        Payload::ImportSection(section) => section
            .into_imports()
            .map_while(Result::ok)
            .any(|import| import.module == PREVIEW1 && matches!(import.ty, TypeRef::Func(_))),
        _ => false,
    })
}
