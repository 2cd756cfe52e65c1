//! What an operator can decide while no server runs: the next start finds it in the archive.
//!
//! Everything here blocks. No plugin is loaded, let alone run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::archive::{Archive, Record};
use super::decisions::Decisions;
use super::roll_back::{OperateError, Situation, Turn};
use super::scan;
use crate::plugin::version::FileId;

/// An archive and the plugin folder that belongs to it.
#[derive(Debug)]
pub struct Offline {
    archive: Archive,
    folder: PathBuf,
    max_bytes: u64,
}

impl Offline {
    /// `max_bytes` is [`crate::EngineConfig::max_component_bytes`].
    #[must_use]
    pub fn new(archive: Archive, folder: impl Into<PathBuf>, max_bytes: u64) -> Self {
        Self { archive, folder: folder.into(), max_bytes }
    }

    /// What the archive knows: the generations, the newest first, and what was decided.
    #[must_use]
    pub fn state(&self) -> (Vec<Record>, Decisions) {
        (self.archive.records(), self.archive.decisions())
    }

    /// Lets a plugin serve no more from the next start on.
    ///
    /// # Errors
    /// There is none of that name, or nothing can be written.
    pub fn disable(&self, plugin: &str) -> Result<(), OperateError> {
        self.known(plugin)?;
        self.archive.decide(|decisions| {
            decisions.disabled.insert(plugin.to_owned());
        })?;
        Ok(())
    }

    /// Undoes [`Self::disable`].
    ///
    /// # Errors
    /// See [`Self::disable`].
    pub fn enable(&self, plugin: &str) -> Result<(), OperateError> {
        self.known(plugin)?;
        self.archive.decide(|decisions| {
            decisions.disabled.remove(plugin);
        })?;
        Ok(())
    }

    /// Serves what served in an earlier generation, from the next start on. Answers its number.
    ///
    /// # Errors
    /// There is none to go back to, or nothing can be written.
    pub fn roll_back(&self, plugin: Option<&str>, to: Option<u64>) -> Result<u64, OperateError> {
        let (records, decisions) = self.state();
        let files = self.files();
        let (current, serving) = match records.first() {
            Some(newest) => (newest.number, newest.plugins.clone()),
            None => (0, BTreeMap::new()),
        };
        let situation =
            Situation { current, serving: &serving, files: &files, decisions: &decisions, records: &records };
        let (number, turns) = situation.plan(plugin, to, "by the operator")?;
        self.archive.decide(|decisions| {
            for (name, turn) in turns {
                match turn {
                    Turn::Hold(hold) => drop(decisions.held.insert(name, hold)),
                    Turn::Follow(_) => drop(decisions.held.remove(&name)),
                }
            }
        })?;
        Ok(number)
    }

    fn files(&self) -> BTreeMap<String, FileId> {
        let names = scan::list(&self.folder).unwrap_or_default().into_keys();
        let id = |name: String| {
            let contents = scan::read(&self.folder, &name, self.max_bytes).ok()?;
            Some((name, FileId::of(contents.component.digest(), contents.manifest.as_deref())))
        };
        names.filter_map(id).collect()
    }

    fn known(&self, plugin: &str) -> Result<(), OperateError> {
        let (records, decisions) = self.state();
        let mut names: BTreeSet<String> = scan::list(&self.folder).unwrap_or_default().into_keys().collect();
        names.extend(records.iter().flat_map(|record| record.plugins.keys().cloned()));
        names.extend(decisions.disabled);
        names.extend(decisions.held.into_keys());
        names.contains(plugin).then_some(()).ok_or_else(|| OperateError::NoPlugin(plugin.to_owned()))
    }
}
