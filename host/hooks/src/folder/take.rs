//! From what lies in the folder to what serves, one plugin after the other.

use std::collections::BTreeMap;

use super::decisions::Hold;
use super::entry::{Entry, Next};
use super::scan::{self, Contents, Seen};
use super::served::{Served, same};
use super::{PluginFolder, blocking, report};
use crate::call::compiled::Compiled;
use crate::error::Refusal;
use crate::inspect::hashed_file::HashedFile;
use crate::load::status::PluginStatus;
use crate::plugin::digest::Digest;
use crate::plugin::manifest::Manifest;
use crate::plugin::version::{FileId, Version};

const BY_OPERATOR: &str = "the operator disabled it";
const BY_MANIFEST: &str = "its manifest says `enabled = false`";

impl PluginFolder {
    /// Takes in what was found. Answers the names of the plugins of which something else serves now.
    pub(super) async fn take(&mut self, mut found: BTreeMap<String, Seen>) -> Vec<String> {
        self.refuse_doubles(&mut found);
        let mut changed = self.forget(&found).await;
        for (name, seen) in found {
            if self.entries.get(&name).is_some_and(|entry| entry.seen.as_ref() == Some(&seen)) {
                continue;
            }
            if self.take_one(&name, seen).await {
                changed.push(name);
            }
        }
        // What a roll-back brought back needs no file.
        let held: Vec<String> = self.decisions.held.keys().cloned().collect();
        for name in held.into_iter().filter(|name| !self.entries.contains_key(name)).collect::<Vec<_>>() {
            if self.take_held(&name).await {
                changed.push(name);
            }
        }
        changed
    }

    /// Names differ in more than upper and lower case: logs, metrics and people don't tell those apart.
    /// Whoever is there already stays, over a restart as well.
    fn refuse_doubles(&self, found: &mut BTreeMap<String, Seen>) {
        let mut taken: BTreeMap<String, String> = BTreeMap::new();
        for (name, entry) in &self.entries {
            if entry.serving.is_some() && found.contains_key(name) {
                taken.insert(name.to_ascii_lowercase(), name.clone());
            }
        }
        for name in self.last_good.keys().filter(|name| found.contains_key(*name)) {
            taken.entry(name.to_ascii_lowercase()).or_insert_with(|| name.clone());
        }
        for (name, seen) in found.iter_mut() {
            let owner = taken.entry(name.to_ascii_lowercase()).or_insert_with(|| name.clone());
            if owner != name {
                *seen = Seen { component: Err(Refusal::SameName(owner.clone())), manifest: None };
            }
        }
    }

    /// Lets go of the plugins whose files are gone. Answers those that have served.
    async fn forget(&mut self, found: &BTreeMap<String, Seen>) -> Vec<String> {
        // A plugin without a file came by a roll-back, and stays as long as that.
        let held = &self.decisions.held;
        let is_gone = |name: &String, entry: &Entry| match entry.seen {
            Some(_) => !found.contains_key(name),
            None => !held.contains_key(name),
        };
        let gone: Vec<_> = self.entries.extract_if(.., |name, entry| is_gone(name, entry)).collect();
        for (name, entry) in &gone {
            report::removed(name, &entry.status);
            self.last_good.remove(name);
        }
        let ended: Vec<String> = gone
            .iter()
            .map(|(name, _)| name.clone())
            .filter(|name| self.decisions.held.contains_key(name))
            .collect();
        self.end_holds(ended, "its file is gone").await;
        gone.into_iter().filter(|(_, entry)| entry.serving.is_some()).map(|(name, _)| name).collect()
    }

    /// Takes in one plugin of the folder. Whether something else of it serves now.
    async fn take_one(&mut self, name: &str, seen: Seen) -> bool {
        let (seen, contents) = match &seen.component {
            Err(refusal) => (seen.clone(), Err(refusal.clone())),
            Ok(_) => match self.read(name).await {
                Ok(contents) => (contents.seen.clone(), Ok(contents)),
                Err(refusal) => (seen, Err(refusal)),
            },
        };
        let file = contents.as_ref().ok().map(|c| FileId::of(c.component.digest(), c.manifest.as_deref()));
        let next = self.next(name, file, contents).await;
        self.settle(name, Some(seen), file, next)
    }

    async fn next(&mut self, name: &str, file: Option<FileId>, contents: Result<Contents, Refusal>) -> Next {
        if self.decisions.disabled.contains(name) {
            return Next { serving: None, status: PluginStatus::disabled(name, BY_OPERATOR) };
        }
        if let Some(hold) = self.decisions.held.get(name).cloned() {
            // What can't be read is no change that could be taken.
            if file.is_none() || file == hold.instead_of {
                return self.held(name, &hold).await;
            }
            self.end_holds(vec![name.to_owned()], "its file has changed").await;
        }
        let before = self.entries.get(name).and_then(|entry| entry.serving.clone());
        let outcome = match contents {
            Ok(Contents { component, manifest, .. }) => {
                let version = Version { digest: component.digest(), manifest };
                self.prepare(name, version, Some(component)).await
            }
            Err(refusal) => Err(refusal),
        };
        match outcome {
            Ok(None) => Next { serving: None, status: PluginStatus::disabled(name, BY_MANIFEST) },
            Ok(Some(served)) if same(Some(&served), before.as_ref()) => serving(served, None),
            Ok(Some(served)) => self.try_out(name, served, before).await,
            Err(refusal) => self.refuse(name, &refusal, before).await,
        }
    }

    /// The smoke calls of a new version. One that can't answer never replaces one that can; without a
    /// predecessor it serves all the same, since its hooks then fail closed.
    async fn try_out(&mut self, name: &str, served: Served, before: Option<Served>) -> Next {
        let Err((hook, stage)) = served.plugin.smoke_call().await else {
            return serving(Served { is_proven: true, ..served }, None);
        };
        let before = self.or_last_good(name, before).await;
        if before.as_ref().is_some_and(|before| before.is_proven) {
            return self.refuse(name, &Refusal::Smoke { hook, stage }, before).await;
        }
        report::smokes(name, hook, &stage);
        serving(served, Some(format!("its smoke call of {hook} failed: it {stage}")))
    }

    async fn refuse(&mut self, name: &str, refusal: &Refusal, before: Option<Served>) -> Next {
        let last_good = self.or_last_good(name, before).await;
        let status = PluginStatus::refused(name, refusal, last_good.as_ref().map(|served| &*served.plugin));
        Next { serving: last_good, status }
    }

    /// What serves, or else what served before the start.
    async fn or_last_good(&mut self, name: &str, before: Option<Served>) -> Option<Served> {
        if before.is_some() {
            return before;
        }
        let version = self.last_good.get(name)?.clone();
        match self.restore(name, version).await {
            Ok(served) => Some(served),
            Err(refusal) => {
                report::lost(name, &refusal);
                self.last_good.remove(name);
                None
            }
        }
    }

    pub(super) async fn take_held(&mut self, name: &str) -> bool {
        let Some(hold) = self.decisions.held.get(name).cloned() else { return false };
        let next = match self.decisions.disabled.contains(name) {
            true => Next { serving: None, status: PluginStatus::disabled(name, BY_OPERATOR) },
            false => self.held(name, &hold).await,
        };
        self.settle(name, None, None, next)
    }

    /// What a roll-back wants.
    async fn held(&mut self, name: &str, hold: &Hold) -> Next {
        let served = match hold.serve.clone() {
            None => None,
            Some(version) => match self.restore(name, version).await {
                Ok(served) => Some(served),
                Err(refusal) => {
                    report::lost(name, &refusal);
                    let before = self.entries.get(name).and_then(|entry| entry.serving.clone());
                    return self.refuse(name, &refusal, before).await;
                }
            },
        };
        let status =
            PluginStatus::rolled_back(name, served.as_ref().map(|served| &*served.plugin), &hold.reason);
        Next { serving: served, status }
    }

    /// Puts down what became of a plugin. Whether something else of it serves now.
    pub(super) fn settle(
        &mut self,
        name: &str,
        seen: Option<Seen>,
        file: Option<FileId>,
        next: Next,
    ) -> bool {
        let Next { serving, mut status } = next;
        let before = self.entries.remove(name);
        match before.as_ref().map(|entry| &entry.status) {
            Some(before) if report::is_old_news(before, &status) => status.since_ms = before.since_ms,
            before => report::outcome(before, &status, serving.as_ref()),
        }
        if let Some(served) = &serving {
            self.last_good.insert(name.to_owned(), served.version.clone());
        }
        let served_before = before.as_ref().and_then(|entry| entry.serving.as_ref());
        let is_same = same(served_before, serving.as_ref());
        let probation = match (served_before, &serving) {
            (Some(_), Some(_)) if is_same => before.as_ref().and_then(|entry| entry.probation),
            (Some(before), Some(now)) => self.put_on_probation(before, now),
            _ => None,
        };
        self.entries.insert(name.to_owned(), Entry { seen, file, serving, status, probation });
        !is_same
    }

    async fn read(&self, name: &str) -> Result<Contents, Refusal> {
        let (dir, file, max_bytes) =
            (self.dir.clone(), name.to_owned(), self.engine.config().max_component_bytes);
        blocking(move || scan::read(&dir, &file, max_bytes)).await
    }

    /// A version that was kept.
    pub(super) async fn restore(&self, name: &str, version: Version) -> Result<Served, Refusal> {
        match self.prepare(name, version, None).await? {
            Some(served) => Ok(Served { is_proven: true, ..served }),
            None => Err(Refusal::Host(BY_MANIFEST.to_owned())),
        }
    }

    /// Loads a version; without bytes, those in the archive. None for a plugin that is switched off.
    async fn prepare(
        &self,
        name: &str,
        version: Version,
        component: Option<HashedFile>,
    ) -> Result<Option<Served>, Refusal> {
        let manifest = version.manifest.as_deref().map(Manifest::parse).transpose()?.unwrap_or_default();
        if !manifest.enabled {
            return Ok(None);
        }
        if let Some(served) = self.entries.get(name).and_then(|entry| entry.serving.as_ref())
            && served.version.digest == version.digest
            && *served.plugin.manifest() == manifest
        {
            return Ok(Some(Served { version, ..served.clone() }));
        }
        let compiled = match self.compiled(version.digest) {
            Some(compiled) => compiled,
            None => {
                let component = self.component(version.digest, component).await?;
                Compiled::load(&self.engine, &component, &manifest).await?
            }
        };
        let plugin = compiled.prepare(&self.engine, name, manifest).await?;
        Ok(Some(Served { plugin, version, is_proven: false }))
    }

    /// A component, which is in the archive afterwards.
    async fn component(&self, digest: Digest, component: Option<HashedFile>) -> Result<HashedFile, Refusal> {
        let archive = self.archive.clone();
        blocking(move || match (component, archive) {
            (Some(component), Some(archive)) => {
                archive.keep_component(&component);
                Ok(component)
            }
            (Some(component), None) => Ok(component),
            (None, Some(archive)) => {
                archive.component(digest).map_err(|error| Refusal::Read(error.to_string()))
            }
            (None, None) => Err(Refusal::Read("nothing is kept".to_owned())),
        })
        .await
    }

    /// The machine code of a component that is loaded, under whatever name.
    fn compiled(&self, digest: Digest) -> Option<Compiled> {
        let serving = self.entries.values().filter_map(|entry| entry.serving.as_ref());
        serving.map(|served| served.plugin.compiled()).find(|compiled| compiled.digest() == digest).cloned()
    }
}

fn serving(served: Served, note: Option<String>) -> Next {
    let status = PluginStatus { note, ..PluginStatus::serving(&served.plugin) };
    Next { serving: Some(served), status }
}
