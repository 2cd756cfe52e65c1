//! How a plugin's source becomes a component: which tool chain builds it, how that is called, and what
//! is left to do with its output.
//!
//! Used by `hookgate plugin build` and by this repository's own `cargo xtask plugins`, so that both build
//! the same way. One file per language.

pub mod assemblyscript;
pub mod c;
pub mod cargo;
pub mod component;
pub mod contract;
pub mod error;
pub mod go;
pub mod js;
pub mod link;
mod misspelt;
#[cfg(feature = "preinit")]
mod preinit;
pub mod project;
pub mod python;
pub mod reference;
pub mod rust;
pub mod tool;
mod wasi;
pub mod zig;

pub use error::BuildError;
pub use project::{Language, Project};
pub use wasi::WasiStub;

use std::fmt;
use std::path::Path;

/// What came out.
pub struct Built {
    /// The component.
    pub component: Vec<u8>,
    /// What made it, for people.
    pub with: String,
    /// What its author should know, in a sentence.
    pub note: Option<String>,
}

impl fmt::Debug for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Built").field("bytes", &self.component.len()).field("with", &self.with).finish()
    }
}

/// Builds a project with its language's tool chain.
///
/// # Errors
/// A tool is missing, or the project does not build; the text says what to do.
pub fn build(project: &Project) -> Result<Built, BuildError> {
    match project.language {
        Language::Rust => cargo::build(project),
        Language::JavaScript => js::build(project),
        Language::Python => python::build(project),
        Language::C | Language::Cpp => c::build(project),
        Language::Zig => zig::build(project),
        Language::Go => go::build(project),
        Language::AssemblyScript => assemblyscript::build(project),
    }
}

/// Reads what a tool has made.
fn made(file: &Path) -> Result<Vec<u8>, BuildError> {
    std::fs::read(file).map_err(|source| BuildError::Io { what: file.display().to_string(), source })
}
