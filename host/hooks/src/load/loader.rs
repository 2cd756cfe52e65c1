//! From bytes to a plugin that can be called: inspect, compile, link, try. Each step has its own type,
//! and none happens on the path of a request.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hookgate_core::hooks::Hook;

use super::machine_code::{Source, blocking};
use super::trial;
use crate::call::compiled::Compiled;
use crate::call::instance::{StartError, try_start};
use crate::call::prepared::{Parts, PreparedPlugin};
use crate::cause::chain_of;
use crate::contract;
use crate::contract::capability::Capability;
use crate::engine::HookEngine;
use crate::error::Refusal;
use crate::inspect::Inspected;
use crate::inspect::hashed_file::HashedFile;
use crate::plugin::info::PluginInfo;
use crate::plugin::manifest::Manifest;
use crate::plugin::secrets::Secrets;
use crate::plugin::services::PluginServices;
use crate::text::one_line;

impl HookEngine {
    /// Loads a plugin from the bytes of its component.
    ///
    /// To be called within a tokio runtime. Compiling happens where the engine's
    /// [`Compilation`](crate::Compilation) says, one component at a time.
    ///
    /// # Errors
    /// The first reason not to load it.
    pub async fn prepare(
        &self,
        name: &str,
        bytes: impl Into<Bytes>,
        manifest: Manifest,
    ) -> Result<Arc<PreparedPlugin>, Refusal> {
        let bytes = bytes.into();
        let file = blocking(move || Ok(HashedFile::new(bytes))).await?;
        Compiled::load(self, &file, &manifest).await?.prepare(self, name, manifest).await
    }
}

impl Compiled {
    /// Inspects and compiles.
    pub(crate) async fn load(
        engine: &HookEngine,
        file: &HashedFile,
        manifest: &Manifest,
    ) -> Result<Self, Refusal> {
        let source = Source::read(engine, file).await?;
        // Before the compiler's seconds are spent.
        check_manifest(&source.inspected, manifest)?;
        let inspected = Arc::new(source.inspected.clone());
        let (component, is_cached) = source.compile(engine).await?;
        Ok(Self::new(component, inspected, is_cached))
    }

    /// Links, checks against the limits, and makes a first instance.
    pub(crate) async fn prepare(
        self,
        engine: &HookEngine,
        name: &str,
        manifest: Manifest,
    ) -> Result<Arc<PreparedPlugin>, Refusal> {
        check_manifest(self.inspected(), &manifest)?;
        let limits = engine
            .config()
            .limits
            .with(&manifest.limits, &engine.config().ceiling)
            .map_err(|error| Refusal::Manifest(error.into()))?;
        let weight = self.check_resources(engine, &limits)?;
        let pre = engine
            .linker()
            .instantiate_pre(self.component())
            .map_err(|error| Refusal::Link(one_line(&chain_of(&error), 400)))?;
        let exports = self.exports(&manifest)?;
        let secrets = read_secrets(&manifest).await?;
        let info = Arc::new(PluginInfo {
            name: name.into(),
            digest_short: self.digest().short().into(),
            limits,
            config: manifest.config.clone(),
            http: manifest.http.clone(),
            services: PluginServices::new(&engine.services(), &manifest, secrets),
            imports_wasi: self.inspected().imports_wasi(),
            is_trial: false,
        });
        let parts = Parts { info, manifest, compiled: self, engine: engine.clone(), pre, exports, weight };
        try_first_instance(&parts).await?;
        let plugin = PreparedPlugin::new(parts);
        trial::validate_config(&plugin).await?;
        Ok(Arc::new(plugin))
    }
}

fn check_manifest(inspected: &Inspected, manifest: &Manifest) -> Result<(), Refusal> {
    let granted = manifest.granted();
    if let Some(capability) = inspected.capabilities.iter().find(|c| !granted.contains(c)) {
        let wanted = |c: &&Capability| {
            inspected.capabilities.contains(c) || manifest.grants.as_ref().is_some_and(|own| own.contains(c))
        };
        let grants = Capability::ALL.iter().filter(wanted).copied().collect();
        return Err(Refusal::NotGranted { capability: *capability, grants });
    }
    if inspected.capabilities.contains(&Capability::Http) && manifest.http.hosts.is_empty() {
        tracing::warn!(
            "a plugin imports http, but its manifest names no host: add `hosts` under [http], or every \
             request is denied"
        );
    }
    let absent = |hook: &&Hook| !inspected.hooks().any(|exported| exported == **hook);
    if let Some(hook) = manifest.hooks.iter().flatten().find(absent) {
        return Err(Refusal::NotExported(*hook));
    }
    match manifest.on_failure.keys().find(absent) {
        Some(hook) => Err(Refusal::PolicyWithoutHook(*hook)),
        None => Ok(()),
    }
}

/// On a thread that may block: a file may be on a slow disk.
async fn read_secrets(manifest: &Manifest) -> Result<Secrets, Refusal> {
    if manifest.secrets.is_empty() {
        return Ok(Secrets::default());
    }
    let sources = manifest.secrets.clone();
    tokio::task::spawn_blocking(move || Secrets::read(&sources))
        .await
        .unwrap_or_else(|error| Err(error.to_string()))
        .map_err(Refusal::Secret)
}

/// Once within the start limit; and if that took longer than a whole call may, once more, since the
/// first instance of a component also fills caches.
async fn try_first_instance(parts: &Parts) -> Result<(), Refusal> {
    let limits = &parts.info.limits;
    let mut took = Duration::MAX;
    for _ in 0..2 {
        let _slot = parts.engine.slots().acquire_many(parts.weight).await;
        let _ticking = parts.engine.ticker().enter();
        took = try_start(&parts.engine, &parts.info, &parts.pre, &parts.exports).await.map_err(|error| {
            match error {
                StartError::Failed(stage) => Refusal::Start(stage),
                StartError::Signature(hook, cause) => {
                    Refusal::Signature { export: contract::interface(hook.name()), cause }
                }
            }
        })?;
        if took < limits.time() {
            return Ok(());
        }
    }
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    Err(Refusal::SlowStart { took_ms, limit_ms: limits.time_ms })
}
