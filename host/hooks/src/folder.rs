//! The plugin folder: every `NAME.wasm` in it is a plugin, with its settings in `NAME.toml`.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::digest::Digest;
use crate::engine::HookEngine;
use crate::error::Refusal;
use crate::loader::Compiled;
use crate::manifest::Manifest;
use crate::prepared::PreparedPlugin;
use crate::registry::Registry;
use crate::scan::{self, Contents, Seen};
use crate::status::{LoadReport, PluginState, PluginStatus};

/// The plugin folder, and the registry that it fills.
pub struct PluginFolder {
    engine: HookEngine,
    dir: PathBuf,
    registry: Arc<Registry>,
    entries: BTreeMap<String, Entry>,
    unreadable: bool,
}

/// Why the folder can't be read at all.
#[derive(Debug, thiserror::Error)]
#[error("the plugin folder `{}` can't be read: {source}", dir.display())]
pub struct FolderError {
    /// The folder.
    pub dir: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// One plugin of the folder.
struct Entry {
    seen: Seen,
    serving: Option<Arc<PreparedPlugin>>,
    status: PluginStatus,
}

impl PluginFolder {
    /// Loads every plugin of the folder. To be called within a tokio runtime.
    ///
    /// A refused plugin is no error of this function: it is logged and in the report, and it is for the
    /// caller to decide whether to go on without.
    ///
    /// # Errors
    /// The folder is not there or can't be read.
    pub async fn load(
        engine: &HookEngine,
        dir: impl Into<PathBuf>,
    ) -> Result<(Self, LoadReport), FolderError> {
        let mut folder = Self {
            engine: engine.clone(),
            dir: dir.into(),
            registry: Arc::new(Registry::new(Vec::new())),
            entries: BTreeMap::new(),
            unreadable: false,
        };
        let found = match folder.list().await {
            Ok(found) => found,
            Err(source) => return Err(FolderError { dir: folder.dir, source }),
        };
        folder.take(found).await;
        let report = folder.report();
        Ok((folder, report))
    }

    /// Where the plugins go.
    #[must_use]
    pub fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// The engine that its plugins run on.
    #[must_use]
    pub const fn engine(&self) -> &HookEngine {
        &self.engine
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Reads the folder again and lets what has changed serve, all of it in one step. Whatever is
    /// refused leaves its last good version serving; a folder that is gone leaves everything.
    pub async fn reload(&mut self) -> LoadReport {
        match self.list().await {
            Ok(found) => {
                if std::mem::take(&mut self.unreadable) {
                    tracing::info!(folder = %self.dir.display(), "the plugin folder can be read again");
                }
                self.take(found).await;
            }
            Err(error) if !self.unreadable => {
                self.unreadable = true;
                tracing::error!(
                    folder = %self.dir.display(), %error,
                    "the plugin folder can't be read; the plugins that are loaded keep serving"
                );
            }
            Err(_) => {}
        }
        self.report()
    }

    async fn list(&self) -> io::Result<BTreeMap<String, Seen>> {
        let dir = self.dir.clone();
        tokio::task::spawn_blocking(move || scan::list(&dir))
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    async fn take(&mut self, found: BTreeMap<String, Seen>) {
        let mut changed = self.forget(&found);
        for (name, seen) in found {
            if self.entries.get(&name).is_some_and(|entry| entry.seen == seen) {
                continue;
            }
            changed |= self.take_one(&name, seen).await;
        }
        if changed {
            let plugins: Vec<_> = self.entries.values().filter_map(|entry| entry.serving.clone()).collect();
            let count = plugins.len();
            let generation = self.registry.replace(plugins);
            tracing::info!(generation, plugins = count, "a new generation of plugins serves");
        }
        self.registry.set_status(self.entries.values().map(|entry| entry.status.clone()).collect());
    }

    /// Lets go of the plugins whose files are gone. Whether that changes what serves.
    fn forget(&mut self, found: &BTreeMap<String, Seen>) -> bool {
        let gone: Vec<_> = self.entries.extract_if(.., |name, _| !found.contains_key(name)).collect();
        for (name, entry) in &gone {
            let digest = entry.status.digest.map(|digest| digest.short());
            tracing::info!(plugin = %name, digest, "plugin removed: its file is gone");
        }
        gone.iter().any(|(_, entry)| entry.serving.is_some())
    }

    /// Loads what is new in one plugin. Whether that changes what serves.
    async fn take_one(&mut self, name: &str, seen: Seen) -> bool {
        let (seen, outcome) = match &seen.component {
            Err(refusal) => (seen.clone(), Err(refusal.clone())),
            Ok(_) => match self.read(name).await {
                Ok(contents) => (contents.seen.clone(), self.prepare(name, contents).await),
                Err(refusal) => (seen, Err(refusal)),
            },
        };
        let before = self.entries.remove(name);
        let last_good = before.as_ref().and_then(|entry| entry.serving.clone());
        let (serving, status) = match outcome {
            Ok(Some(plugin)) => {
                let status = PluginStatus::serving(&plugin);
                (Some(plugin), status)
            }
            Ok(None) => (None, PluginStatus::disabled(name)),
            Err(refusal) => {
                let status = PluginStatus::refused(name, &refusal, last_good.as_deref());
                (last_good.clone(), status)
            }
        };
        log_outcome(before.as_ref().map(|entry| &entry.status), &status);
        let changed = !same(last_good.as_ref(), serving.as_ref());
        self.entries.insert(name.to_owned(), Entry { seen, serving, status });
        changed
    }

    async fn read(&self, name: &str) -> Result<Contents, Refusal> {
        let (dir, file, max_bytes) =
            (self.dir.clone(), name.to_owned(), self.engine.config().max_component_bytes);
        tokio::task::spawn_blocking(move || scan::read(&dir, &file, max_bytes))
            .await
            .unwrap_or_else(|error| Err(Refusal::Host(error.to_string())))
    }

    /// None for a plugin that is switched off.
    async fn prepare(&self, name: &str, contents: Contents) -> Result<Option<Arc<PreparedPlugin>>, Refusal> {
        let Contents { component, digest, manifest, .. } = contents;
        let manifest = manifest.as_deref().map(Manifest::parse).transpose()?.unwrap_or_default();
        if !manifest.enabled {
            return Ok(None);
        }
        if let Some(plugin) = self.entries.get(name).and_then(|entry| entry.serving.as_ref())
            && plugin.digest() == digest
            && *plugin.manifest() == manifest
        {
            return Ok(Some(Arc::clone(plugin)));
        }
        let compiled = match self.compiled(digest) {
            Some(compiled) => compiled,
            None => Compiled::load(&self.engine, component.into(), &manifest).await?,
        };
        compiled.prepare(&self.engine, name, manifest).await.map(Some)
    }

    /// The machine code of a component that is loaded, under whatever name.
    fn compiled(&self, digest: Digest) -> Option<Compiled> {
        let serving = self.entries.values().filter_map(|entry| entry.serving.as_ref());
        serving.map(|plugin| plugin.compiled()).find(|compiled| compiled.digest() == digest).cloned()
    }

    fn report(&self) -> LoadReport {
        LoadReport {
            generation: self.registry.current().number(),
            plugins: self.entries.values().map(|entry| entry.status.clone()).collect(),
        }
    }
}

fn same(a: Option<&Arc<PreparedPlugin>>, b: Option<&Arc<PreparedPlugin>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    }
}

/// One line for each thing that happened to a plugin.
fn log_outcome(before: Option<&PluginStatus>, now: &PluginStatus) {
    let (plugin, digest) = (&*now.name, now.digest.map(|digest| digest.short()));
    let error = now.error.as_deref();
    match now.state {
        PluginState::Serving => {
            let hooks = now.hooks.iter().map(|hook| hook.name()).collect::<Vec<_>>().join(",");
            let replaces = before.and_then(|status| status.digest).map(|digest| digest.short());
            tracing::info!(
                plugin,
                digest,
                replaces,
                hooks,
                size = now.size,
                order = now.order,
                "plugin loaded"
            );
        }
        PluginState::Disabled => {
            tracing::info!(plugin, "plugin not loaded: its manifest says `enabled = false`")
        }
        PluginState::LastGood => {
            tracing::error!(plugin, digest, error, "plugin refused; its last good version keeps serving");
        }
        PluginState::Refused => {
            tracing::error!(plugin, error, "plugin refused; its hooks are NOT asked");
        }
    }
}
