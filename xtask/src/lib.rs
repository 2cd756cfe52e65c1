//! What is done to this repository rather than by it: building the plugins that it carries.
//!
//! A library too, so that tests can ask whether the prebuilt plugins are fresh.

pub mod build;
pub mod catalogue;
pub mod component;
pub mod prebuilt;

use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
