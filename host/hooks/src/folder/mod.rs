//! The plugin folder: every `NAME.wasm` in it is a plugin, with its settings in `NAME.toml`.
//!
//! Three things decide what serves: what lies in the folder, what the operator said since
//! ([`Decisions`]), and what served last, should a file be spoilt.

pub(crate) mod archive;
pub(crate) mod decisions;
mod entry;
pub(crate) mod offline;
mod operate;
mod probation;
mod report;
pub(crate) mod roll_back;
pub(crate) mod scan;
mod served;
mod take;
pub(crate) mod watch;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Notify;

use crate::chain::registry::Registry;
use crate::engine::HookEngine;
use crate::load::status::{LoadReport, now_ms};
use crate::plugin::digest::Digest;
use crate::plugin::version::Version;
use archive::{Archive, Record};
use decisions::Decisions;
use entry::Entry;
use scan::Seen;

pub use operate::Order;
pub use probation::AutoRollBack;

/// The plugin folder, and the registry that it fills.
pub struct PluginFolder {
    engine: HookEngine,
    dir: PathBuf,
    registry: Arc<Registry>,
    archive: Option<Archive>,
    decisions: Decisions,
    entries: BTreeMap<String, Entry>,
    /// The version of each plugin that served last, before this start as well.
    last_good: BTreeMap<String, Version>,
    unreadable: bool,
    auto_roll_back: Option<AutoRollBack>,
    /// Woken when a new version fails.
    trouble: Arc<Notify>,
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

impl PluginFolder {
    /// Loads every plugin of the folder and remembers nothing beyond this process. To be called within
    /// a tokio runtime.
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
        Self::open(engine, dir, None).await
    }

    /// The same with an archive: a file that was spoilt since the last start is replaced by the version
    /// that served last, what the operator decided still holds, and generations are kept.
    ///
    /// # Errors
    /// See [`Self::load`].
    pub async fn open(
        engine: &HookEngine,
        dir: impl Into<PathBuf>,
        archive: Option<Archive>,
    ) -> Result<(Self, LoadReport), FolderError> {
        let kept = archive.clone();
        let (decisions, records) = blocking(move || {
            kept.map(|archive| (archive.decisions(), archive.records())).unwrap_or_default()
        })
        .await;
        let mut folder = Self {
            engine: engine.clone(),
            dir: dir.into(),
            registry: Arc::new(Registry::new(Vec::new())),
            archive,
            last_good: last_good(&decisions, &records),
            decisions,
            entries: BTreeMap::new(),
            unreadable: false,
            auto_roll_back: None,
            trouble: Arc::default(),
        };
        // Nothing serves yet, and the first generation is to be number 1.
        folder.registry.install(0, Vec::new());
        let found = match folder.list().await {
            Ok(found) => found,
            Err(source) => return Err(FolderError { dir: folder.dir, source }),
        };
        report::gone_since(&records, &found, &folder.decisions);
        folder.last_good.retain(|name, _| found.contains_key(name));
        folder.begin(found, records.first()).await;
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

    /// The generations that are kept, if any are.
    #[must_use]
    pub fn archive(&self) -> Option<&Archive> {
        self.archive.as_ref()
    }

    /// Reads the folder again and lets what has changed serve, all of it in one step. Whatever is
    /// refused leaves its last good version serving; a folder that is gone leaves everything.
    pub async fn reload(&mut self) -> LoadReport {
        match self.list().await {
            Ok(found) => {
                if std::mem::take(&mut self.unreadable) {
                    tracing::info!(folder = %self.dir.display(), "the plugin folder can be read again");
                }
                let changed = self.take(found).await;
                self.publish_if(!changed.is_empty(), || format!("changed files: {}", changed.join(", ")))
                    .await;
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

    /// The first generation of this process: the one that served last, if nothing has changed since.
    async fn begin(&mut self, found: BTreeMap<String, Seen>, newest: Option<&Record>) {
        self.take(found).await;
        let versions = self.versions();
        match newest {
            Some(record) if record.plugins == versions => {
                self.registry.install(record.number, self.plugins());
                self.set_status();
                report::serves(record.number, versions.len());
            }
            None if versions.is_empty() => self.set_status(),
            _ => self.publish("start".to_owned(), None).await,
        }
    }

    async fn publish_if(&mut self, has_changed: bool, cause: impl FnOnce() -> String) {
        if has_changed {
            self.publish(cause(), None).await;
        } else {
            self.set_status();
        }
    }

    /// Lets what is loaded now serve as a new generation, and keeps a record of it.
    async fn publish(&mut self, cause: String, restores: Option<u64>) {
        let current = self.registry.current().number();
        let archive = self.archive.clone();
        let kept = blocking(move || archive.and_then(|a| a.records().first().map(|newest| newest.number)));
        let number = kept.await.unwrap_or(0).max(current) + 1;
        let (plugins, versions) = (self.plugins(), self.versions());
        report::serves(number, plugins.len());
        self.registry.install(number, plugins);
        self.set_status();
        let record = Record { number, made_at_ms: now_ms(), cause, restores, plugins: versions };
        if let Some(archive) = self.archive.clone() {
            blocking(move || archive.append(&record)).await;
        }
        self.trim_cache();
    }

    fn set_status(&self) {
        self.registry.set_status(self.entries.values().map(|entry| entry.status.clone()).collect());
    }

    fn plugins(&self) -> Vec<Arc<crate::PreparedPlugin>> {
        self.entries.values().filter_map(|entry| Some(Arc::clone(&entry.serving.as_ref()?.plugin))).collect()
    }

    /// The version of each plugin that serves.
    fn versions(&self) -> BTreeMap<String, Version> {
        let serving =
            |(name, entry): (&String, &Entry)| Some((name.clone(), entry.serving.as_ref()?.version.clone()));
        self.entries.iter().filter_map(serving).collect()
    }

    /// What serves stays in the cache; of the rest, what fits.
    fn trim_cache(&self) {
        if let Some(cache) = self.engine.cache().cloned() {
            let in_use: Vec<Digest> = self.plugins().iter().map(|plugin| plugin.digest()).collect();
            tokio::task::spawn_blocking(move || cache.trim(&in_use));
        }
    }

    fn report(&self) -> LoadReport {
        LoadReport {
            generation: self.registry.current().number(),
            plugins: self.entries.values().map(|entry| entry.status.clone()).collect(),
        }
    }
}

/// What served when the last process ended; of disabled plugins, what served before that.
fn last_good(decisions: &Decisions, records: &[Record]) -> BTreeMap<String, Version> {
    let mut versions = records.first().map(|newest| newest.plugins.clone()).unwrap_or_default();
    for name in &decisions.disabled {
        if let Some(version) = records.iter().find_map(|record| record.plugins.get(name)) {
            versions.insert(name.clone(), version.clone());
        }
    }
    versions
}

/// Reading and writing belong on a blocking thread. A panic there is a mistake of ours and goes on here.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is being dropped, and this future with it.
            Err(_) => std::future::pending().await,
        },
    }
}
