//! A reference plugin of one language, loaded into the real host.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use hookgate_core::hooks::{HookContext, Stage};
use hookgate_hooks::{
    CallReport, CodeCache, Compilation, Compiler, EngineConfig, HookEngine, HookInput, HookOutput, Inspected,
    Manifest, PreparedPlugin,
};
use tokio::runtime::Runtime;

use crate::languages::build_folder;
use crate::{fixture, services};

/// One engine for all, as in the server. It keeps machine code beside the components: the large ones take many
/// seconds to compile, and are loaded more than once.
pub static ENGINE: LazyLock<HookEngine> = LazyLock::new(|| {
    // Nobody else writes there, and what is built here is trusted anyway.
    let cache = CodeCache::new(build_folder().join("cache"), b"polyglot", 1 << 30);
    engine(Compilation { compiler: Compiler::InProcess, cache: Some(cache) })
});

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_start(HookEngine::on_thread_start)
        .build()
        .expect("a runtime")
});

/// An engine that lends what a server would.
///
/// # Panics
/// This machine can't run WebAssembly.
#[must_use]
pub fn engine(compilation: Compilation) -> HookEngine {
    let engine = HookEngine::with(EngineConfig::default(), compilation).expect("an engine");
    engine.lend(services::all());
    engine
}

/// A loaded plugin.
pub struct Subject {
    /// What it says of itself as the claim `lang`, and its name.
    pub language: String,
    /// What its bytes say.
    pub inspected: Inspected,
    /// How long loading took.
    pub loading: Duration,
    plugin: Arc<PreparedPlugin>,
}

impl Subject {
    /// Loads a component with the fixture's settings.
    ///
    /// # Errors
    /// The host refuses it.
    pub fn load(name: &str, path: &Path) -> Result<Self, String> {
        Self::load_with(&ENGINE, name, path, fixture::MANIFEST)
    }

    /// Loads a component into an engine with a manifest.
    ///
    /// # Errors
    /// The host refuses it.
    pub fn load_with(engine: &HookEngine, name: &str, path: &Path, manifest: &str) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let manifest = Manifest::parse(&services::with_secret(manifest)).map_err(|e| e.to_string())?;
        let inspected =
            Inspected::of(&bytes, engine.config().max_component_bytes).map_err(|e| e.to_string())?;
        let began = Instant::now();
        let plugin = RUNTIME.block_on(engine.prepare(name, bytes, manifest)).map_err(|e| e.to_string())?;
        Ok(Self { language: name.to_owned(), inspected, loading: began.elapsed(), plugin })
    }

    /// The plugin itself.
    #[must_use]
    pub fn plugin(&self) -> Arc<PreparedPlugin> {
        Arc::clone(&self.plugin)
    }

    /// Runs something where plugins are called.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        RUNTIME.block_on(future)
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
