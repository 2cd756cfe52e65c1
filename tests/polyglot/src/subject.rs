//! A reference plugin of one language, loaded into the real host.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use std::{env, fs};

use hookgate_core::hooks::{HookContext, Stage};
use hookgate_hooks::{
    CallReport, EngineConfig, HookEngine, HookInput, HookOutput, Inspected, Manifest, PreparedPlugin,
};
use tokio::runtime::Runtime;

use crate::{fixture, services};

/// One engine for all, as in the server.
pub static ENGINE: LazyLock<HookEngine> = LazyLock::new(|| {
    let engine = HookEngine::new(EngineConfig::default()).expect("an engine");
    engine.lend(services::all());
    engine
});

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// Where `build.sh` puts what it builds.
#[must_use]
pub fn build_folder() -> PathBuf {
    match env::var_os("HOOKGATE_POLYGLOT_DIR") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("build"),
    }
}

/// The components of a folder: name and path, sorted.
///
/// # Errors
/// The folder can't be read or holds none.
pub fn components(folder: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let remedy = "run tests/polyglot/build.sh";
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}; {remedy}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            let name = path.file_stem().map(|name| name.to_string_lossy().into_owned());
            found.push((name.unwrap_or_default(), path));
        }
    }
    if found.is_empty() {
        return Err(format!("there is no component in {}; {remedy}", folder.display()));
    }
    found.sort();
    Ok(found)
}

/// A loaded plugin.
pub struct Subject {
    /// What it says of itself as the claim `lang`, and its name.
    pub language: String,
    /// What its bytes say.
    pub inspected: Inspected,
    /// How long loading took, almost all of it compilation.
    pub loading: Duration,
    plugin: Arc<PreparedPlugin>,
}

impl Subject {
    /// Loads a component with the fixture's settings, or with a manifest of its own.
    ///
    /// # Errors
    /// The host refuses it.
    pub fn load(name: &str, path: &Path, manifest: Option<&str>) -> Result<Self, String> {
        let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let manifest = Manifest::parse(&services::with_secret(manifest.unwrap_or(fixture::MANIFEST)))
            .map_err(|e| e.to_string())?;
        let inspected =
            Inspected::of(&bytes, ENGINE.config().max_component_bytes).map_err(|e| e.to_string())?;
        let began = Instant::now();
        let plugin = RUNTIME.block_on(ENGINE.prepare(name, bytes, manifest)).map_err(|e| e.to_string())?;
        Ok(Self { language: name.to_owned(), inspected, loading: began.elapsed(), plugin })
    }

    /// Calls a hook.
    pub fn ask(
        &self,
        context: &HookContext,
        input: HookInput<'_>,
    ) -> (Result<HookOutput, Stage>, CallReport) {
        RUNTIME.block_on(self.plugin.call(context, input))
    }
}
