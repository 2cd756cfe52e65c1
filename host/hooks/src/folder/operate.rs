//! What the operator may order while the server runs. A decision is on the disk before it takes effect.

use std::collections::BTreeMap;

use super::decisions::Decisions;
use super::entry::{Entry, Next};
use super::roll_back::{OperateError, Situation, Turn};
use super::served::Served;
use super::{PluginFolder, blocking, report};
use crate::load::status::{LoadReport, PluginState, PluginStatus};
use crate::plugin::version::FileId;

/// An operator's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Read the folder anew and take what lies there: ends roll-backs, of all plugins or of one.
    Reload(Option<String>),
    /// Undo [`Self::Disable`].
    Enable(String),
    /// Let a plugin serve no more, whatever lies in the folder.
    Disable(String),
    /// Serve what served in an earlier generation.
    RollBack {
        /// One plugin, or all.
        plugin: Option<String>,
        /// The generation; without it the one before.
        to: Option<u64>,
    },
}

impl PluginFolder {
    /// Carries out an order.
    ///
    /// # Errors
    /// It can't be carried out; then nothing has changed.
    pub async fn obey(&mut self, order: Order) -> Result<LoadReport, OperateError> {
        match order {
            Order::Reload(plugin) => self.reload_files(plugin.as_deref()).await,
            Order::Enable(plugin) => self.enable(&plugin).await,
            Order::Disable(plugin) => self.disable(&plugin).await,
            Order::RollBack { plugin, to } => self.roll_back(plugin.as_deref(), to, "by the operator").await,
        }
    }

    async fn reload_files(&mut self, plugin: Option<&str>) -> Result<LoadReport, OperateError> {
        if let Some(name) = plugin {
            self.known(name)?;
        }
        let concerned = |name: &str| plugin.is_none_or(|plugin| plugin == name);
        let ended: Vec<String> = self.decisions.held.keys().filter(|name| concerned(name)).cloned().collect();
        let names = ended.clone();
        self.decide(move |decisions| decisions.held.retain(|name, _| !names.contains(name))).await?;
        for name in &ended {
            report::hold_ended(name, "reload");
        }
        for (name, entry) in &mut self.entries {
            // What failed for a reason of the host's has a second chance.
            if ended.contains(name) || (concerned(name) && entry.status.error.is_some()) {
                entry.see_again();
            }
        }
        Ok(self.reload().await)
    }

    async fn disable(&mut self, plugin: &str) -> Result<LoadReport, OperateError> {
        self.known(plugin)?;
        let name = plugin.to_owned();
        self.decide(move |decisions| {
            decisions.disabled.insert(name);
        })
        .await?;
        self.take_again(plugin, format!("{plugin} disabled by the operator")).await
    }

    async fn enable(&mut self, plugin: &str) -> Result<LoadReport, OperateError> {
        self.known(plugin)?;
        let name = plugin.to_owned();
        self.decide(move |decisions| {
            decisions.disabled.remove(&name);
        })
        .await?;
        let report = self.take_again(plugin, format!("{plugin} enabled by the operator")).await?;
        let is_off = |entry: &Entry| entry.status.state == PluginState::Disabled;
        if self.entries.get(plugin).is_some_and(is_off) {
            return Err(OperateError::DisabledByManifest(plugin.to_owned()));
        }
        Ok(report)
    }

    /// Takes in one plugin as if it had never been seen.
    async fn take_again(&mut self, plugin: &str, cause: String) -> Result<LoadReport, OperateError> {
        let found = self.list().await?;
        let has_file = found.contains_key(plugin);
        if let Some(entry) = self.entries.get_mut(plugin) {
            entry.see_again();
        }
        let mut has_changed = !self.take(found).await.is_empty();
        if !has_file {
            has_changed |= self.take_held(plugin).await;
        }
        self.publish_if(has_changed, || cause).await;
        Ok(self.report())
    }

    pub(super) async fn roll_back(
        &mut self,
        plugin: Option<&str>,
        to: Option<u64>,
        by: &str,
    ) -> Result<LoadReport, OperateError> {
        let archive = self.archive.clone().ok_or(OperateError::NoArchive)?;
        let records = blocking(move || archive.records()).await;
        let (serving, files) = (self.versions(), self.files());
        let situation = Situation {
            current: self.registry.current().number(),
            serving: &serving,
            files: &files,
            decisions: &self.decisions,
            records: &records,
        };
        let (number, turns) = situation.plan(plugin, to, by)?;
        // All of it is loaded before any of it serves.
        let mut loaded = BTreeMap::new();
        for (name, turn) in &turns {
            let version = match turn {
                Turn::Hold(hold) => hold.serve.clone(),
                Turn::Follow(version) => Some(version.clone()),
            };
            if let Some(version) = version {
                let served = self.restore(name, version).await;
                let served =
                    served.map_err(|refusal| OperateError::Refused { plugin: name.clone(), refusal })?;
                loaded.insert(name.clone(), served);
            }
        }
        let planned = turns.clone();
        self.decide(move |decisions| {
            for (name, turn) in planned {
                match turn {
                    Turn::Hold(hold) => drop(decisions.held.insert(name, hold)),
                    Turn::Follow(_) => drop(decisions.held.remove(&name)),
                }
            }
        })
        .await?;
        for (name, turn) in turns {
            self.turn(&name, &turn, loaded.remove(&name));
        }
        let what = plugin.unwrap_or("all plugins");
        self.publish(format!("{what} rolled back to generation {number} {by}"), Some(number)).await;
        Ok(self.report())
    }

    /// What lies in the folder, as far as it could be read.
    fn files(&self) -> BTreeMap<String, FileId> {
        self.entries.iter().filter_map(|(name, entry)| Some((name.clone(), entry.file?))).collect()
    }

    fn known(&self, plugin: &str) -> Result<(), OperateError> {
        let is_known = self.entries.contains_key(plugin)
            || self.decisions.disabled.contains(plugin)
            || self.decisions.held.contains_key(plugin);
        is_known.then_some(()).ok_or_else(|| OperateError::NoPlugin(plugin.to_owned()))
    }

    /// Changes the decisions, on the disk first.
    async fn decide(
        &mut self,
        change: impl FnOnce(&mut Decisions) + Send + 'static,
    ) -> Result<(), OperateError> {
        match self.archive.clone() {
            Some(archive) => self.decisions = blocking(move || archive.decide(change)).await?,
            None => change(&mut self.decisions),
        }
        Ok(())
    }

    /// Ends roll-backs that have lost their reason. If that can't be written down, the next start finds
    /// out by itself in the same way.
    pub(super) async fn end_holds(&mut self, names: Vec<String>, reason: &str) {
        if names.is_empty() {
            return;
        }
        for name in &names {
            report::hold_ended(name, reason);
            self.decisions.held.remove(name);
        }
        if let Err(error) = self.decide(move |d| d.held.retain(|name, _| !names.contains(name))).await {
            tracing::warn!(%error, "the end of a roll-back can't be written down");
        }
    }

    /// One step of a roll-back.
    fn turn(&mut self, name: &str, turn: &Turn, served: Option<Served>) {
        let before = self.entries.get(name);
        let (seen, file) = before.map_or((None, None), |entry| (entry.seen.clone(), entry.file));
        let plugin = served.as_ref().map(|served| &*served.plugin);
        let status = match (turn, plugin) {
            (Turn::Follow(_), Some(plugin)) => PluginStatus::serving(plugin),
            (Turn::Hold(hold), plugin) => PluginStatus::rolled_back(name, plugin, &hold.reason),
            (Turn::Follow(_), None) => return,
        };
        self.settle(name, seen, file, Next { serving: served, status });
    }
}
