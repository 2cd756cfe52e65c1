//! From a file to a plugin that can be called, by the server's own loader.

use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookgate_core::hooks::Hook;
use hookgate_hooks::{EngineConfig, HookEngine, Manifest, PluginFiles, PreparedPlugin, Refusal};
use tokio::runtime::Runtime;

use super::PluginError;
use super::error::parse_hook;
use crate::compilation;
use crate::tool_cache::tool_cache;

/// From when on a person wants to know what takes so long.
const PATIENCE: Duration = Duration::from_secs(1);

/// A plugin that the server would serve.
pub(super) struct Loaded {
    pub(super) plugin: Arc<PreparedPlugin>,
    /// What its manifest wants to be lent. They are not looked up: this is no server.
    pub(super) secrets: Vec<String>,
    /// Inspecting, compiling, linking and the first instance.
    pub(super) took: Duration,
}

/// One thread, as a hook call has it in the server.
pub(super) fn runtime() -> Result<Runtime, PluginError> {
    HookEngine::on_thread_start();
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Reads the files as the server reads them.
pub(super) fn read(file: &Path) -> Result<PluginFiles, PluginError> {
    if !file.is_file() {
        return Err(PluginError::NoFile(file.to_owned()));
    }
    let max_bytes = EngineConfig::default().max_component_bytes;
    PluginFiles::read(file, max_bytes).map_err(|refusal| refused(file, refusal))
}

/// The server's engine, with the user's own cache.
pub(super) fn engine(config: EngineConfig) -> Result<HookEngine, PluginError> {
    let cache = tool_cache();
    if let Some(cache) = &cache {
        cache.trim(&[]);
    }
    Ok(HookEngine::with(config, compilation::for_tools(cache)?)?)
}

/// Reads and loads a plugin.
pub(super) async fn load(file: &Path, config: EngineConfig) -> Result<Loaded, PluginError> {
    let files = read(file)?;
    let engine = engine(config)?;
    prepare(file, &engine, files).await
}

/// The same for those who want to know what loading takes: it is compiled in any case.
pub(super) async fn compile(file: &Path, config: EngineConfig) -> Result<Loaded, PluginError> {
    let files = read(file)?;
    let engine = HookEngine::with(config, compilation::for_tools(None)?)?;
    prepare(file, &engine, files).await
}

/// Loads a plugin whose files are read.
pub(super) async fn prepare(
    file: &Path,
    engine: &HookEngine,
    files: PluginFiles,
) -> Result<Loaded, PluginError> {
    let manifest = files.manifest.as_deref().map(Manifest::parse).transpose();
    let mut manifest = manifest.map_err(|e| refused(file, e.into()))?.unwrap_or_default();
    let secrets = std::mem::take(&mut manifest.secrets).into_keys().collect();
    let began = Instant::now();
    let what = format!("compiling {}.wasm", files.name);
    let preparing = engine.prepare(&files.name, files.component, manifest);
    let plugin = patiently(&what, preparing).await.map_err(|refusal| refused(file, refusal))?;
    Ok(Loaded { plugin, secrets, took: began.elapsed() })
}

fn refused(file: &Path, refusal: Refusal) -> PluginError {
    PluginError::Refused { file: file.to_owned(), refusal }
}

/// Says on standard error what is going on, if it takes more than a second.
async fn patiently<F: Future>(what: &str, work: F) -> F::Output {
    let mut work = pin!(work);
    tokio::select! {
        output = &mut work => return output,
        () = tokio::time::sleep(PATIENCE) => eprintln!("{what} …"),
    }
    work.await
}

/// The hook to call: the named one, else the fixture's, else the only one.
pub(super) fn choose_hook(
    plugin: &PreparedPlugin,
    named: Option<&str>,
    fixture: Option<&str>,
) -> Result<Hook, PluginError> {
    let hook = match (named.or(fixture), plugin.hooks()) {
        (Some(name), _) => parse_hook(name)?,
        (None, [only]) => *only,
        (None, several) => return Err(PluginError::WhichHook(several.to_vec())),
    };
    if !plugin.hooks().contains(&hook) {
        return Err(PluginError::NotImplemented { hook, has: plugin.hooks().to_vec() });
    }
    Ok(hook)
}
