//! Looks at a component's bytes before anything is compiled: what it is, which hooks it has, what it
//! wants from the host.

pub(crate) mod anatomy;
pub(crate) mod componentize;
pub(crate) mod hashed_file;

use hookgate_core::hooks::Hook;
use wasmparser::{CanonicalFunction, CanonicalOption, ComponentExport, Encoding, Parser, Payload};
use wasmtime::Engine;

use crate::contract::Name;
use crate::contract::capability::Capability;
use crate::error::Refusal;
use crate::plugin::digest::Digest;
use crate::text::{nearest, one_line};
use hashed_file::HashedFile;

/// How much of a name a sentence shows.
const MAX_SHOWN: usize = 200;

/// What is wrong with a plugin of these exports and imports, by their names alone: for a module that could not even
/// be made a component.
///
/// # Errors
/// As for [`Inspected::of`].
pub fn check_names(exports: &[String], imports: &[String]) -> Result<(), Refusal> {
    hooks_of(exports)?;
    capabilities_of(imports)?;
    Ok(())
}

/// What a component says of itself. It is a component, but it may still be invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspected {
    /// Of the bytes.
    pub digest: Digest,
    /// Of the bytes.
    pub size: u64,
    /// The hooks that it exports, in the contract's order, with the exports' full names.
    pub exports: Vec<(Hook, String)>,
    /// The full name of the export with which it checks its settings, if it has one.
    pub validate_config: Option<String>,
    /// The interfaces of the contract that it imports.
    pub capabilities: Vec<Capability>,
    /// All its imports by full name.
    pub imports: Vec<String>,
}

impl Inspected {
    /// Inspects a component of at most `max_bytes`.
    ///
    /// # Errors
    /// It is no component, exports no hook or one of another version, or imports what nobody offers.
    pub fn of(bytes: &[u8], max_bytes: u64) -> Result<Self, Refusal> {
        check_size(bytes, max_bytes)?;
        Self::with_digest(bytes, || Digest::of(bytes))
    }

    /// The same of a file that was hashed already.
    pub(crate) fn of_file(file: &HashedFile) -> Result<Self, Refusal> {
        Self::with_digest(file.bytes(), || file.digest())
    }

    fn with_digest(bytes: &[u8], digest: impl FnOnce() -> Digest) -> Result<Self, Refusal> {
        check_header(bytes)?;
        let outline = Outline::read(bytes)?;
        Ok(Self {
            digest: digest(),
            size: bytes.len() as u64,
            exports: hooks_of(&outline.exports)?,
            validate_config: outline
                .exports
                .iter()
                .find(|name| Name::of(name) == Name::ValidateConfig)
                .cloned(),
            capabilities: capabilities_of(&outline.imports)?,
            imports: outline.imports,
        })
    }

    /// The hooks that it exports.
    pub fn hooks(&self) -> impl Iterator<Item = Hook> + '_ {
        self.exports.iter().map(|(hook, _)| *hook)
    }

    /// Whether it wants anything of WASI.
    #[must_use]
    pub fn imports_wasi(&self) -> bool {
        self.imports.iter().any(|import| import.starts_with("wasi:"))
    }
}

/// Refuses what is too large to be looked at.
pub(crate) fn check_size(bytes: &[u8], max_bytes: u64) -> Result<(), Refusal> {
    let size = bytes.len() as u64;
    if size > max_bytes {
        return Err(Refusal::TooLarge { size, limit: max_bytes });
    }
    Ok(())
}

/// Whether it is a module of the core specification, out of which a component might be made.
pub(crate) fn is_core_module(bytes: &[u8]) -> bool {
    Parser::is_core_wasm(bytes)
}

fn check_header(bytes: &[u8]) -> Result<(), Refusal> {
    const MAGIC: &[u8; 4] = b"\0asm";
    const HEADER: usize = 8;
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if Engine::detect_precompiled(bytes).is_some() {
        return Err(Refusal::Precompiled);
    }
    if !bytes.starts_with(&MAGIC[..bytes.len().min(MAGIC.len())]) {
        return Err(Refusal::NotWasm);
    }
    if bytes.len() < HEADER {
        return Err(Refusal::Truncated { size: bytes.len() as u64 });
    }
    if is_core_module(bytes) {
        return Err(Refusal::CoreModule);
    }
    Ok(())
}

/// Names on the outermost level.
#[derive(Default)]
struct Outline {
    imports: Vec<String>,
    exports: Vec<String>,
}

impl Outline {
    fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let size = bytes.len() as u64;
        let malformed = |error: wasmparser::BinaryReaderError| {
            if error.message().contains("unexpected end") {
                Refusal::Truncated { size }
            } else {
                Refusal::Malformed(one_line(&error.to_string(), 300))
            }
        };
        let mut outline = Self::default();
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(malformed)? {
                Payload::Version { encoding: Encoding::Component | Encoding::Module, .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 1 => {
                    for import in section {
                        outline.imports.push(import.map_err(malformed)?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 1 => {
                    for export in section {
                        let ComponentExport { name, .. } = export.map_err(malformed)?;
                        outline.exports.push(name.name.to_owned());
                    }
                }
                Payload::ComponentCanonicalSection(section) => {
                    for function in section {
                        if is_async(&function.map_err(malformed)?) {
                            return Err(Refusal::Async);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(outline)
    }
}

/// Exact for how functions are lifted and lowered; what is left of the proposal is refused by the
/// compiler, since it is switched off in the engine.
fn is_async(function: &CanonicalFunction) -> bool {
    match function {
        CanonicalFunction::Lift { options, .. } | CanonicalFunction::Lower { options, .. } => {
            options.iter().any(|option| matches!(option, CanonicalOption::Async))
        }
        CanonicalFunction::TaskReturn { .. } | CanonicalFunction::TaskCancel => true,
        _ => false,
    }
}

fn hooks_of(exports: &[String]) -> Result<Vec<(Hook, String)>, Refusal> {
    let mut hooks: Vec<(Hook, String)> = Vec::new();
    for name in exports {
        match Name::of(name) {
            Name::Hook(hook) if hooks.iter().any(|(other, _)| *other == hook) => {
                return Err(Refusal::Twice(hook));
            }
            Name::Hook(hook) => hooks.push((hook, name.clone())),
            Name::OtherVersion => return Err(Refusal::OtherVersion(one_line(name, MAX_SHOWN))),
            Name::UnknownInterface(interface) => {
                let nearest = nearest(interface, Hook::ALL.iter().map(|hook| hook.name())).map(str::to_owned);
                return Err(Refusal::UnknownHook { name: one_line(name, MAX_SHOWN), nearest });
            }
            // Language runtimes export their own (`init`, `exports`, `wasi:cli/run`); nobody calls them.
            Name::Types | Name::ValidateConfig | Name::Capability(_) | Name::Wasi | Name::Foreign => {}
        }
    }
    if hooks.is_empty() {
        return Err(Refusal::NoHooks);
    }
    hooks.sort_by_key(|(hook, _)| *hook);
    Ok(hooks)
}

fn capabilities_of(imports: &[String]) -> Result<Vec<Capability>, Refusal> {
    let mut capabilities = Vec::new();
    for name in imports {
        match Name::of(name) {
            Name::Capability(capability) => capabilities.push(capability),
            Name::Types | Name::Wasi => {}
            Name::OtherVersion => return Err(Refusal::OtherImportVersion(one_line(name, MAX_SHOWN))),
            Name::UnknownInterface(interface) => {
                let nearest = nearest(interface, Capability::ALL.iter().map(|c| c.name())).map(str::to_owned);
                return Err(Refusal::UnknownImport { name: one_line(name, MAX_SHOWN), nearest });
            }
            Name::Hook(_) | Name::ValidateConfig | Name::Foreign => {
                return Err(Refusal::UnknownImport { name: one_line(name, MAX_SHOWN), nearest: None });
            }
        }
    }
    Ok(capabilities)
}
