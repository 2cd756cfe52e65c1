//! What the log says of plugins that come, change and go: one line for each.

use std::collections::BTreeMap;

use hookgate_core::hooks::{Hook, Stage};

use super::archive::Record;
use super::decisions::Decisions;
use super::scan::Seen;
use super::served::Served;
use crate::error::Refusal;
use crate::load::status::{PluginState, PluginStatus};

/// A refusal that comes again within so many milliseconds, as that of a file that is still being written, is
/// no news.
const OLD_NEWS_MS: u64 = 10_000;

/// Whether the log knows already.
pub(super) fn is_old_news(before: &PluginStatus, now: &PluginStatus) -> bool {
    now.error.is_some()
        && (before.state, &before.error) == (now.state, &now.error)
        && now.since_ms.saturating_sub(before.since_ms) < OLD_NEWS_MS
}

/// What became of one plugin.
pub(super) fn outcome(before: Option<&PluginStatus>, now: &PluginStatus, serving: Option<&Served>) {
    let (plugin, digest) = (&*now.name, now.digest.map(|digest| digest.short()));
    let (error, note) = (now.error.as_deref(), now.note.as_deref());
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
                cached = serving.map(|served| served.plugin.compiled().is_cached()),
                "plugin loaded"
            );
        }
        PluginState::Disabled => tracing::info!(plugin, note, "plugin not loaded"),
        PluginState::RolledBack => {
            tracing::warn!(plugin, digest, note, "another version than the plugin folder's serves");
        }
        PluginState::LastGood => {
            tracing::error!(plugin, digest, error, "plugin refused; its last good version keeps serving");
        }
        PluginState::Refused => {
            tracing::error!(plugin, error, "plugin refused; its hooks are NOT asked");
        }
    }
}

/// A plugin's file is gone.
pub(super) fn removed(plugin: &str, status: &PluginStatus) {
    let digest = status.digest.map(|digest| digest.short());
    tracing::info!(plugin, digest, "plugin removed: its file is gone");
}

/// A new generation.
pub(super) fn serves(generation: u64, plugins: usize) {
    tracing::info!(generation, plugins, "a new generation of plugins serves");
}

/// A roll-back has ended.
pub(super) fn hold_ended(plugin: &str, reason: &str) {
    tracing::info!(plugin, reason, "the plugin folder decides again: the roll-back has ended");
}

/// A version without a predecessor that can't answer.
pub(super) fn smokes(plugin: &str, hook: Hook, stage: &Stage) {
    let (hook, stage) = (hook.name(), stage.to_string());
    tracing::warn!(
        plugin,
        hook,
        stage,
        "a plugin fails its smoke call; it serves, and its hooks fail closed"
    );
}

/// A kept version can't be loaded.
pub(super) fn lost(plugin: &str, refusal: &Refusal) {
    tracing::error!(plugin, cause = %refusal, "the kept version of a plugin can't be loaded");
}

/// Plugins that served before the start and have no file any more. Removing them was perhaps the purpose
/// of the stop; an empty mount looks just so.
pub(super) fn gone_since(records: &[Record], found: &BTreeMap<String, Seen>, decisions: &Decisions) {
    let Some(newest) = records.first() else { return };
    for name in newest.plugins.keys() {
        if !found.contains_key(name) && !decisions.held.contains_key(name) {
            tracing::warn!(plugin = %name, "a plugin that served before the start is gone; its hooks are NOT asked");
        }
    }
}
