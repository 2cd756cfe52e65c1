//! What can be said of a file of WebAssembly even if it would be refused: for tools that explain.
//!
//! Unlike [`crate::Inspected`] this judges nothing, and what can't be read is left out.

use serde::Serialize;
use wasmparser::{ComponentExport, Encoding, Parser, Payload, ProducersSectionReader};

use crate::contract::Name;
use crate::text::{escape, truncate};

const WASM_PAGE: u64 = 64 * 1024;
/// Names come from the file; nobody reads longer ones.
const MAX_NAME: usize = 200;

/// What a file consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anatomy {
    /// What kind of file it is.
    pub form: Form,
    /// What it wants, in its order.
    pub imports: Vec<Import>,
    /// What it offers, in its order.
    pub exports: Vec<String>,
    /// How many core modules it is made of.
    pub modules: usize,
    /// The memories that its modules define.
    pub memories: Vec<MemorySize>,
    /// What made it.
    pub producers: Vec<Producer>,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A component.
    Component,
    /// A core module.
    CoreModule,
    /// No WebAssembly, or nothing of it can be read.
    #[default]
    Unknown,
}

/// One import on the outermost level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Import {
    /// The full name.
    pub name: String,
    /// Whose it is.
    pub kind: ImportKind,
}

/// Whose an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportKind {
    /// An interface that the operator grants.
    Capability,
    /// The contract's shared types: no function.
    Types,
    /// One of the WASI 0.2 interfaces that are there, empty.
    Wasi,
    /// Nothing that this server offers.
    Unknown,
}

/// The size of a linear memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MemorySize {
    /// What it starts with, in bytes.
    pub min_bytes: u64,
    /// What it may grow to, in bytes, if it says so.
    pub max_bytes: Option<u64>,
}

/// One entry of a `producers` section.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Producer {
    /// `language`, `processed-by` or `sdk`.
    pub field: String,
    /// What.
    pub name: String,
    /// Which version; may be empty.
    pub version: String,
}

impl Anatomy {
    /// Reads as much as can be read.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut anatomy = Self::default();
        // Up to the first mistake: whoever loads the file says what is wrong with it.
        if anatomy.read(bytes).is_err() {
            tracing::debug!("the file ends before its structure does");
        }
        anatomy.producers.sort();
        anatomy.producers.dedup();
        anatomy
    }

    fn read(&mut self, bytes: &[u8]) -> wasmparser::Result<()> {
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::Version { encoding, .. } => {
                    depth += 1;
                    let is_module = encoding == Encoding::Module;
                    self.modules += usize::from(is_module);
                    if depth == 1 {
                        self.form = if is_module { Form::CoreModule } else { Form::Component };
                    }
                }
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 1 => {
                    for import in section {
                        self.imports.push(Import::of(import?.name.name));
                    }
                }
                Payload::ComponentExportSection(section) if depth == 1 => {
                    for export in section {
                        let ComponentExport { name, .. } = export?;
                        self.exports.push(shown(name.name));
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        let memory = memory?;
                        self.memories.push(MemorySize {
                            min_bytes: memory.initial.saturating_mul(WASM_PAGE),
                            max_bytes: memory.maximum.map(|pages| pages.saturating_mul(WASM_PAGE)),
                        });
                    }
                }
                Payload::CustomSection(section) => {
                    if let wasmparser::KnownCustom::Producers(producers) = section.as_known() {
                        self.producers(producers)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn producers(&mut self, section: ProducersSectionReader<'_>) -> wasmparser::Result<()> {
        for field in section {
            let field = field?;
            for value in field.values {
                let value = value?;
                self.producers.push(Producer {
                    field: shown(field.name),
                    name: shown(value.name),
                    version: shown(value.version),
                });
            }
        }
        Ok(())
    }
}

impl Import {
    fn of(name: &str) -> Self {
        let kind = match Name::of(name) {
            Name::Capability(_) => ImportKind::Capability,
            Name::Types => ImportKind::Types,
            Name::Wasi => ImportKind::Wasi,
            Name::Hook(_)
            | Name::ValidateConfig
            | Name::UnknownInterface(_)
            | Name::OtherVersion
            | Name::Foreign => ImportKind::Unknown,
        };
        Self { name: shown(name), kind }
    }
}

fn shown(name: &str) -> String {
    escape(truncate(name, MAX_NAME)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_memories_and_makers_are_read() {
        let component = wat::parse_str(
            r#"(component
                (import "hookgate:hooks/log@0.1.0" (instance))
                (import "wasi:io/streams@0.2.6" (instance))
                (import "acme:kv/store@1.0.0" (instance))
                (core module
                    (memory 2 4)
                    (@producers (language "Rust" "2024") (processed-by "rustc" "1.95"))))"#,
        )
        .expect("a component");
        let anatomy = Anatomy::of(&component);
        assert_eq!(anatomy.form, Form::Component);
        let kinds: Vec<_> = anatomy.imports.iter().map(|import| import.kind).collect();
        assert_eq!(kinds, [ImportKind::Capability, ImportKind::Wasi, ImportKind::Unknown]);
        assert_eq!(anatomy.memories, [MemorySize { min_bytes: 131_072, max_bytes: Some(262_144) }]);
        assert_eq!(anatomy.modules, 1);
        assert_eq!(anatomy.producers.len(), 2);
        assert_eq!(anatomy.producers[0].name, "Rust");
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        assert_eq!(Anatomy::of(b"nonsense"), Anatomy::default());
        assert_eq!(Anatomy::of(b"\0asm\x01\0\0\0").form, Form::CoreModule);
        assert_eq!(Anatomy::of(b"\0asm\x0d\0\x01\0\xff\xff").form, Form::Component);
    }
}
