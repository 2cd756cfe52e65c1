//! Which plugins a roll-back changes, and to what. Only thinking: it reads and writes nothing.

use std::collections::BTreeMap;
use std::io;

use super::archive::Record;
use super::decisions::{Decisions, Hold};
use crate::error::Refusal;
use crate::plugin::version::{FileId, Version};

/// An operator's order can't be carried out.
#[derive(Debug, thiserror::Error)]
pub enum OperateError {
    /// No plugin of that name.
    #[error("there is no plugin `{0}`")]
    NoPlugin(String),
    /// Nothing to go back to.
    #[error("no generation before {current} is kept{}", about(.plugin.as_deref()))]
    NothingBefore {
        /// The one that serves.
        current: u64,
        /// If the order was about one plugin.
        plugin: Option<String>,
    },
    /// That generation is not kept.
    #[error("generation {0} is not kept; `hookgate plugin status` lists those that are")]
    NoGeneration(u64),
    /// The plugin did not serve in that generation.
    #[error("plugin `{plugin}` did not serve in generation {generation}; `disable` switches it off")]
    NotInGeneration {
        /// The plugin.
        plugin: String,
        /// The generation.
        generation: u64,
    },
    /// It serves as it did then.
    #[error("nothing to do: what serves is what served in generation {0}")]
    SameAlready(u64),
    /// It is off.
    #[error("plugin `{0}` is disabled; enable it first")]
    Disabled(String),
    /// The operator can't overrule a manifest.
    #[error("the manifest of plugin `{0}` says `enabled = false`; change it there")]
    DisabledByManifest(String),
    /// A version of then can't be loaded now.
    #[error("plugin `{plugin}` can't be rolled back: that version {refusal}")]
    Refused {
        /// The plugin.
        plugin: String,
        /// Why.
        refusal: Refusal,
    },
    /// Generations are not kept.
    #[error("this server keeps no generations")]
    NoArchive,
    /// The decision can't be written down.
    #[error("the decision can't be kept, so nothing was changed: {0}")]
    Io(#[from] io::Error),
    /// The watch has ended.
    #[error("the server is stopping")]
    Stopping,
}

fn about(plugin: Option<&str>) -> String {
    plugin.map(|plugin| format!(" in which another version of `{plugin}` served")).unwrap_or_default()
}

/// How things are.
pub(crate) struct Situation<'a> {
    pub(crate) current: u64,
    /// What serves.
    pub(crate) serving: &'a BTreeMap<String, Version>,
    /// What lies in the folder.
    pub(crate) files: &'a BTreeMap<String, FileId>,
    pub(crate) decisions: &'a Decisions,
    /// The newest first.
    pub(crate) records: &'a [Record],
}

/// What is to become of one plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Another version than the folder's serves.
    Hold(Hold),
    /// The folder has just that version.
    Follow(Version),
}

impl Situation<'_> {
    /// What to do to serve as in an earlier generation: all plugins or one of them, the one before or a
    /// certain one. Answers its number, too.
    pub(crate) fn plan(
        &self,
        plugin: Option<&str>,
        to: Option<u64>,
        by: &str,
    ) -> Result<(u64, BTreeMap<String, Turn>), OperateError> {
        if let Some(name) = plugin.filter(|name| self.decisions.disabled.contains(*name)) {
            return Err(OperateError::Disabled(name.to_owned()));
        }
        let target = self.target(plugin, to)?;
        let reason = format!("rolled back to generation {} {by}", target.number);
        let names = self.serving.keys().chain(target.plugins.keys());
        let names = names.filter(|name| plugin.is_none_or(|plugin| plugin == *name));
        let mut turns = BTreeMap::new();
        for name in names.filter(|name| !self.decisions.disabled.contains(*name)) {
            let wanted = target.plugins.get(name);
            if wanted != self.serving.get(name) {
                turns.insert(name.clone(), self.turn(name, wanted, target.number, &reason));
            }
        }
        if turns.is_empty() {
            return Err(OperateError::SameAlready(target.number));
        }
        Ok((target.number, turns))
    }

    fn turn(&self, name: &str, wanted: Option<&Version>, generation: u64, reason: &str) -> Turn {
        let file = self.files.get(name);
        match wanted {
            Some(version) if file == Some(&version.file_id()) => Turn::Follow(version.clone()),
            _ => Turn::Hold(Hold {
                serve: wanted.cloned(),
                instead_of: file.copied(),
                generation,
                reason: reason.to_owned(),
            }),
        }
    }

    fn target(&self, plugin: Option<&str>, to: Option<u64>) -> Result<&Record, OperateError> {
        let known = |name: &str| {
            self.serving.contains_key(name)
                || self.files.contains_key(name)
                || self.records.iter().any(|record| record.plugins.contains_key(name))
        };
        if let Some(name) = plugin.filter(|name| !known(name)) {
            return Err(OperateError::NoPlugin(name.to_owned()));
        }
        match (plugin, to) {
            (plugin, Some(number)) => {
                let record = self.records.iter().find(|record| record.number == number);
                let record = record.ok_or(OperateError::NoGeneration(number))?;
                match plugin {
                    Some(name) if !record.plugins.contains_key(name) => {
                        Err(OperateError::NotInGeneration { plugin: name.to_owned(), generation: number })
                    }
                    _ => Ok(record),
                }
            }
            (None, None) => {
                let now = self.records.iter().find(|record| record.number == self.current);
                let before = now.and_then(|record| record.restores).unwrap_or(self.current);
                self.records
                    .iter()
                    .find(|record| record.number < before && record.plugins != *self.serving)
                    .ok_or(OperateError::NothingBefore { current: self.current, plugin: None })
            }
            (Some(name), None) => {
                let now = self.serving.get(name);
                let before = self.decisions.held.get(name).map_or(self.current, |hold| hold.generation);
                let differs = |record: &&Record| {
                    let then = record.plugins.get(name);
                    record.number < before && then.is_some() && then != now
                };
                self.records.iter().find(differs).ok_or_else(|| OperateError::NothingBefore {
                    current: self.current,
                    plugin: Some(name.to_owned()),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::digest::Digest;

    fn version(text: &str) -> Version {
        Version { digest: Digest::of(text.as_bytes()), manifest: None }
    }

    fn set(plugins: &[(&str, &str)]) -> BTreeMap<String, Version> {
        plugins.iter().map(|(name, text)| ((*name).to_owned(), version(text))).collect()
    }

    fn records(sets: &[&[(&str, &str)]]) -> Vec<Record> {
        let record = |(number, plugins): (usize, &&[(&str, &str)])| Record {
            number: number as u64 + 1,
            made_at_ms: 0,
            cause: String::new(),
            restores: None,
            plugins: set(plugins),
        };
        let mut records: Vec<Record> = sets.iter().enumerate().map(record).collect();
        records.reverse();
        records
    }

    struct Case {
        records: Vec<Record>,
        serving: BTreeMap<String, Version>,
        files: BTreeMap<String, FileId>,
        decisions: Decisions,
    }

    /// What serves is the last of the sets, and so are the files.
    fn case(sets: &[&[(&str, &str)]]) -> Case {
        let records = records(sets);
        let serving = records[0].plugins.clone();
        let files = serving.iter().map(|(name, version)| (name.clone(), version.file_id())).collect();
        Case { records, serving, files, decisions: Decisions::default() }
    }

    impl Case {
        fn plan(
            &self,
            plugin: Option<&str>,
            to: Option<u64>,
        ) -> Result<(u64, BTreeMap<String, Turn>), String> {
            let situation = Situation {
                current: self.records[0].number,
                serving: &self.serving,
                files: &self.files,
                decisions: &self.decisions,
                records: &self.records,
            };
            situation.plan(plugin, to, "by a test").map_err(|error| error.to_string())
        }
    }

    #[test]
    fn the_whole_set_goes_back_together() {
        let case = case(&[&[("a", "1"), ("gone", "1")], &[("a", "2"), ("new", "1")]]);
        let (number, turns) = case.plan(None, None).expect("a plan");
        assert_eq!(number, 1);
        let serves = |name: &str| match &turns[name] {
            Turn::Hold(hold) => hold.serve.clone(),
            Turn::Follow(_) => panic!("{name} follows"),
        };
        assert_eq!(serves("a"), Some(version("1")));
        assert_eq!(serves("gone"), Some(version("1")));
        assert_eq!(serves("new"), None);
    }

    #[test]
    fn one_plugin_goes_back_to_its_last_other_version() {
        let case = case(&[&[("a", "1"), ("b", "1")], &[("a", "2"), ("b", "1")], &[("a", "2"), ("b", "2")]]);
        let (number, turns) = case.plan(Some("a"), None).expect("a plan");
        assert_eq!((number, turns.len()), (1, 1));
        assert!(matches!(&turns["a"], Turn::Hold(hold) if hold.instead_of == Some(version("2").file_id())));
    }

    #[test]
    fn going_back_twice_goes_further_back_and_not_forth_again() {
        let mut case = case(&[&[("a", "1")], &[("a", "2")], &[("a", "3")], &[("a", "2")]]);
        case.records[0].restores = Some(2);
        case.files.insert("a".to_owned(), version("3").file_id());
        assert_eq!(case.plan(None, None).expect("a plan").0, 1);
        let hold = Hold {
            serve: Some(version("2")),
            instead_of: Some(version("3").file_id()),
            generation: 2,
            reason: String::new(),
        };
        case.decisions.held.insert("a".to_owned(), hold);
        assert_eq!(case.plan(Some("a"), None).expect("a plan").0, 1);
    }

    #[test]
    fn what_the_folder_has_need_not_be_held() {
        let mut case = case(&[&[("a", "2")], &[("a", "1")]]);
        case.files.insert("a".to_owned(), version("2").file_id());
        let (_, turns) = case.plan(None, Some(1)).expect("a plan");
        assert_eq!(turns["a"], Turn::Follow(version("2")));
    }

    #[test]
    fn what_is_disabled_stays_off() {
        let mut case = case(&[&[("a", "1"), ("b", "1")], &[("b", "2")]]);
        case.decisions.disabled.insert("a".to_owned());
        let (_, turns) = case.plan(None, None).expect("a plan");
        assert!(!turns.contains_key("a"));
        assert_eq!(case.plan(Some("a"), None), Err("plugin `a` is disabled; enable it first".to_owned()));
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let case = case(&[&[("a", "1")], &[("b", "1")]]);
        let said = |plugin, to| case.plan(plugin, to).expect_err("an error");
        assert_eq!(said(Some("x"), None), "there is no plugin `x`");
        assert_eq!(
            said(Some("b"), None),
            "no generation before 2 is kept in which another version of `b` served"
        );
        assert!(said(Some("b"), Some(1)).starts_with("plugin `b` did not serve in generation 1"));
        assert!(said(None, Some(9)).starts_with("generation 9 is not kept"));
        assert!(said(None, Some(2)).starts_with("nothing to do"));
    }
}
