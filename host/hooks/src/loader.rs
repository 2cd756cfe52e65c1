//! From bytes to a plugin that can be called: inspect, compile, link, try. Each step has its own type,
//! and none happens on the path of a request.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hookgate_core::hooks::Hook;
use wasmtime::component::{Component, ComponentExportIndex};

use crate::breach::chain_of;
use crate::capability::Capability;
use crate::contract;
use crate::digest::Digest;
use crate::engine::HookEngine;
use crate::error::Refusal;
use crate::hashed_file::HashedFile;
use crate::inspect::Inspected;
use crate::instance::{StartError, try_start};
use crate::limits::Limits;
use crate::machine_code::{Source, blocking};
use crate::manifest::Manifest;
use crate::prepared::{Parts, PluginInfo, PreparedPlugin};
use crate::secrets::Secrets;
use crate::services::PluginServices;
use crate::text::one_line;
use crate::trial;

const WASM_PAGE: u64 = 64 * 1024;

/// A component in machine code. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Compiled {
    component: Component,
    inspected: Arc<Inspected>,
    is_cached: bool,
}

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
        Ok(Self { component, inspected, is_cached })
    }

    /// Links, checks against the limits, and makes a first instance.
    pub(crate) async fn prepare(
        self,
        engine: &HookEngine,
        name: &str,
        manifest: Manifest,
    ) -> Result<Arc<PreparedPlugin>, Refusal> {
        check_manifest(&self.inspected, &manifest)?;
        let limits = engine
            .config()
            .limits
            .with(&manifest.limits, &engine.config().ceiling)
            .map_err(|error| Refusal::Manifest(error.into()))?;
        let weight = self.check_resources(engine, &limits)?;
        let pre = engine
            .linker()
            .instantiate_pre(&self.component)
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
            imports_wasi: self.inspected.imports_wasi(),
            is_trial: false,
        });
        let parts = Parts { info, manifest, compiled: self, engine: engine.clone(), pre, exports, weight };
        try_first_instance(&parts).await?;
        let plugin = PreparedPlugin::new(parts);
        trial::validate_config(&plugin).await?;
        Ok(Arc::new(plugin))
    }

    pub(crate) fn digest(&self) -> Digest {
        self.inspected.digest
    }

    pub(crate) fn size(&self) -> u64 {
        self.inspected.size
    }

    /// Whether the machine code was there already.
    pub(crate) fn is_cached(&self) -> bool {
        self.is_cached
    }

    /// The pool holds so much and no more, and a plugin has its limits: better said now than at the
    /// first login. Answers how many slots a call takes.
    fn check_resources(&self, engine: &HookEngine, limits: &Limits) -> Result<u32, Refusal> {
        // None: it instantiates modules that it imports. Nobody offers modules, so it won't link.
        let Some(needs) = self.component.resources_required() else { return Ok(1) };
        let memory = needs.max_initial_memory_size.unwrap_or(0).saturating_mul(WASM_PAGE);
        let elements = needs.max_initial_table_size.unwrap_or(0);
        for (name, what, needs, limit) in [
            ("memory_bytes", "bytes of memory to start with", memory, limits.memory_bytes),
            ("memories", "memories", u64::from(needs.num_memories), limits.memories),
            ("table_elements", "table elements to start with", elements, limits.table_elements),
            ("tables", "tables", u64::from(needs.num_tables), limits.tables),
        ] {
            if needs > limit {
                return Err(Refusal::TooMuch { name, what, needs, limit });
            }
        }
        Ok(engine.weight(needs.num_memories, needs.num_tables))
    }

    /// The function with which it checks its own settings, if it has one.
    pub(crate) fn validate_config(&self) -> Option<ComponentExportIndex> {
        let export = self.inspected.validate_config.as_deref()?;
        let interface = self.component.get_export_index(None, export)?;
        self.component.get_export_index(Some(&interface), contract::VALIDATE_CONFIG)
    }

    /// Where the hooks are that the manifest wants.
    fn exports(&self, manifest: &Manifest) -> Result<Vec<(Hook, ComponentExportIndex)>, Refusal> {
        let mut found = Vec::new();
        for (hook, export) in &self.inspected.exports {
            if manifest.hooks.as_ref().is_some_and(|wanted| !wanted.contains(hook)) {
                continue;
            }
            let function = self
                .component
                .get_export_index(None, export)
                .and_then(|interface| self.component.get_export_index(Some(&interface), hook.name()));
            let Some(function) = function else {
                let cause = format!("there is no function `{hook}` in it");
                return Err(Refusal::Signature { export: export.clone(), cause });
            };
            found.push((*hook, function));
        }
        Ok(found)
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
