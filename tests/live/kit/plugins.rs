//! A folder of plugins, and the components that go into it.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The components of `tests/guests`, one per behaviour.
pub(crate) fn guest(name: &str) -> Vec<u8> {
    let path = repository().join(format!("tests/guests/prebuilt/{name}.wasm"));
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The folder of the example plugins, as the README uses it.
pub(crate) fn example_plugins() -> PathBuf {
    repository().join("example-plugins/prebuilt")
}

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A folder of plugins that a test may change while the server runs.
pub(crate) struct Plugins(TempDir);

impl Plugins {
    pub(crate) fn none() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with one guest, without a manifest.
    pub(crate) fn with(name: &str) -> Self {
        let plugins = Self::none();
        plugins.put(name, &guest(name));
        plugins
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Puts a plugin in place as a careful operator would: written aside, then renamed.
    pub(crate) fn put(&self, name: &str, component: &[u8]) {
        let aside = self.path().join(format!(".{name}.incoming"));
        fs::write(&aside, component).unwrap();
        fs::rename(&aside, self.path().join(format!("{name}.wasm"))).unwrap();
    }

    pub(crate) fn manifest(&self, name: &str, text: &str) {
        fs::write(self.path().join(format!("{name}.toml")), text).unwrap();
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path().join(format!("{name}.wasm"))).unwrap();
    }
}
