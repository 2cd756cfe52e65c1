//! What can be looked at and decided without a running server.

use hookgate_hooks::{Offline, OperateError};
use serde_json::{Value, json};

use crate::admin::view::Overview;
use crate::commands::CommandError;
use crate::config::Config;
use crate::generations;

/// The data folder's own knowledge of plugins.
pub(super) struct Desk {
    offline: Offline,
}

impl Desk {
    pub(super) fn open(config: &Config) -> Result<Self, CommandError> {
        let folder = &config.hooks.folder;
        if !folder.is_dir() {
            return Err(CommandError::Refused(format!(
                "the plugin folder {} does not exist; `--plugins` says where it is",
                folder.display()
            )));
        }
        let max_bytes = config.hooks.engine.max_component_bytes;
        Ok(Self { offline: Offline::new(generations::archive(config), folder, max_bytes) })
    }

    pub(super) fn enable(&self, plugin: &str) -> Result<String, OperateError> {
        self.offline.enable(plugin)?;
        Ok(format!("{plugin} is enabled"))
    }

    pub(super) fn disable(&self, plugin: &str) -> Result<String, OperateError> {
        self.offline.disable(plugin)?;
        Ok(format!("{plugin} is disabled"))
    }

    pub(super) fn roll_back(&self, plugin: Option<&str>, to: Option<u64>) -> Result<String, OperateError> {
        let number = self.offline.roll_back(plugin, to)?;
        Ok(format!("{} rolled back to generation {number}", plugin.unwrap_or("all plugins")))
    }

    /// How the plugins stood last, with what was decided since.
    pub(super) fn overview(&self) -> Overview {
        let (records, decisions) = self.offline.state();
        let newest = records.first();
        let mut plugins: Vec<Value> = Vec::new();
        for (name, version) in newest.into_iter().flat_map(|record| &record.plugins) {
            if !decisions.disabled.contains(name) && !decisions.held.contains_key(name) {
                plugins.push(json!({ "name": name, "state": "served-last", "digest": version.digest }));
            }
        }
        for (name, hold) in &decisions.held {
            if !decisions.disabled.contains(name) {
                let digest = hold.serve.as_ref().map(|version| version.digest);
                plugins.push(
                    json!({ "name": name, "state": "rolled-back", "digest": digest, "note": hold.reason }),
                );
            }
        }
        for name in &decisions.disabled {
            plugins.push(json!({ "name": name, "state": "disabled", "note": "the operator disabled it" }));
        }
        plugins.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
        Overview {
            generation: newest.map_or(0, |record| record.number),
            safe_mode: false,
            plugins,
            generations: records.into_iter().map(Into::into).collect(),
        }
    }
}
