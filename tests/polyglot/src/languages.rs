//! The languages: which there are, and which of them are built here.

use std::env;
use std::path::{Path, PathBuf};

/// Set where everything must be built (in CI): what is missing is a failure then.
const STRICT: &str = "POLYGLOT_STRICT";

/// One language, or one of its engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    /// As in `NAME.wasm`.
    pub name: &'static str,
    /// What `build.sh` is told to build it.
    pub target: &'static str,
    /// Whether a call starts an interpreter that takes about a millisecond.
    pub is_heavy: bool,
}

/// All of them.
pub const LANGUAGES: [Language; 10] = [
    light("assemblyscript"),
    light("c"),
    light("cpp"),
    light("go"),
    light("javascript"),
    Language { name: "javascript-spidermonkey", target: "javascript", is_heavy: true },
    Language { name: "python", target: "python", is_heavy: true },
    light("rust"),
    light("typescript"),
    light("zig"),
];

const fn light(name: &'static str) -> Language {
    Language { name, target: name, is_heavy: false }
}

impl Language {
    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        LANGUAGES.into_iter().find(|language| language.name == name)
    }

    /// Where its reference plugin is, once it is built.
    #[must_use]
    pub fn component(&self) -> PathBuf {
        build_folder().join("reference").join(self.name).with_extension("wasm")
    }

    /// Its reference plugin; nothing if it is not built, which is said on standard error.
    ///
    /// # Errors
    /// It is not built, and must be.
    pub fn built(&self) -> Result<Option<PathBuf>, String> {
        let path = self.component();
        if path.is_file() {
            return Ok(Some(path));
        }
        let remedy = format!("`tests/polyglot/build.sh {}` builds it", self.target);
        if is_strict() {
            return Err(format!("{} is not there; {remedy}", path.display()));
        }
        eprintln!("the plugin in {} is not built and left out; {remedy}", self.name);
        Ok(None)
    }
}

/// Where `build.sh` puts what it builds.
#[must_use]
pub fn build_folder() -> PathBuf {
    match env::var_os("POLYGLOT_DIR") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("build"),
    }
}

/// Whether what is not built is a failure.
#[must_use]
pub fn is_strict() -> bool {
    env::var_os(STRICT).is_some_and(|value| !value.is_empty())
}
