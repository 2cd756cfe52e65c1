//! What an operator sees of each plugin.

use std::time::SystemTime;

use hookgate_core::hooks::Hook;
use serde::Serialize;

use crate::call::prepared::PreparedPlugin;
use crate::error::Refusal;
use crate::plugin::digest::Digest;

/// How a plugin stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PluginState {
    /// What lies in the folder serves.
    Serving,
    /// What lies in the folder was refused; the last good version serves.
    LastGood,
    /// It was refused, and there is no version that could serve: its hooks are not asked.
    Refused,
    /// Its manifest says `enabled = false`, or the operator switched it off.
    Disabled,
    /// The operator, or its own failures, brought back an earlier version, or none. It ends when the file
    /// changes, and by `reload`.
    RolledBack,
}

/// What an operator sees of one plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PluginStatus {
    /// The file's name without `.wasm`.
    pub name: String,
    /// How it stands.
    pub state: PluginState,
    /// Of the version that serves.
    pub digest: Option<Digest>,
    /// Of the version that serves, in bytes.
    pub size: Option<u64>,
    /// Of the version that serves.
    pub order: Option<i64>,
    /// The hooks of the version that serves.
    pub hooks: Vec<Hook>,
    /// Why what lies in the folder was refused: a whole sentence.
    pub error: Option<String>,
    /// What else there is to know of how it stands.
    pub note: Option<String>,
    /// Since when it stands so, in milliseconds since the Unix epoch.
    pub since_ms: u64,
}

impl PluginStatus {
    pub(crate) fn serving(plugin: &PreparedPlugin) -> Self {
        Self {
            state: PluginState::Serving,
            digest: Some(plugin.digest()),
            size: Some(plugin.size()),
            order: Some(plugin.manifest().order),
            hooks: plugin.hooks().to_vec(),
            ..Self::without(plugin.name(), PluginState::Disabled, None)
        }
    }

    pub(crate) fn disabled(name: &str, note: &str) -> Self {
        Self { note: Some(note.to_owned()), ..Self::without(name, PluginState::Disabled, None) }
    }

    pub(crate) fn rolled_back(name: &str, serving: Option<&PreparedPlugin>, reason: &str) -> Self {
        let status =
            serving.map_or_else(|| Self::without(name, PluginState::RolledBack, None), Self::serving);
        Self { state: PluginState::RolledBack, note: Some(reason.to_owned()), ..status }
    }

    pub(crate) fn refused(name: &str, refusal: &Refusal, last_good: Option<&PreparedPlugin>) -> Self {
        let error = Some(sentence(name, refusal));
        match last_good {
            Some(plugin) => Self { state: PluginState::LastGood, error, ..Self::serving(plugin) },
            None => Self::without(name, PluginState::Refused, error),
        }
    }

    fn without(name: &str, state: PluginState, error: Option<String>) -> Self {
        Self {
            name: name.to_owned(),
            state,
            digest: None,
            size: None,
            order: None,
            hooks: Vec::new(),
            error,
            note: None,
            since_ms: now_ms(),
        }
    }
}

/// In milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A refusal as a sentence about the file that is at fault.
pub(crate) fn sentence(name: &str, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Manifest(error) => format!("`{name}.toml` can't be used: {error}"),
        other => format!("`{name}.wasm` {other}"),
    }
}

/// The outcome of reading the plugin folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoadReport {
    /// The generation that serves now.
    pub generation: u64,
    /// Every plugin of the folder, by name.
    pub plugins: Vec<PluginStatus>,
}

impl LoadReport {
    /// The plugins whose file in the folder was refused. Where no last good version serves instead
    /// ([`PluginState::Refused`]), a gate is not asked and lets everybody in.
    pub fn refused(&self) -> impl Iterator<Item = &PluginStatus> {
        self.plugins.iter().filter(|plugin| plugin.error.is_some())
    }
}
