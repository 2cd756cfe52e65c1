//! One plugin of the folder: what was seen of it, and what serves.

use std::sync::Arc;

use super::probation::Probation;
use crate::error::Refusal;
use crate::prepared::PreparedPlugin;
use crate::scan::Seen;
use crate::status::PluginStatus;
use crate::version::{FileId, Version};

/// One plugin.
pub(super) struct Entry {
    /// None for a plugin without a file: one that a roll-back brought back.
    pub(super) seen: Option<Seen>,
    /// What its files contain, if they could be read.
    pub(super) file: Option<FileId>,
    pub(super) serving: Option<Served>,
    pub(super) status: PluginStatus,
    /// While it is new.
    pub(super) probation: Option<Probation>,
}

impl Entry {
    /// Makes the next look at the folder take it for changed. Not `None`, which means that there is no
    /// file.
    pub(super) fn see_again(&mut self) {
        if self.seen.is_some() {
            self.seen = Some(Seen { component: Err(Refusal::Unstable), manifest: None });
        }
    }
}

/// A version that serves, or could.
#[derive(Clone)]
pub(super) struct Served {
    pub(super) plugin: Arc<PreparedPlugin>,
    pub(super) version: Version,
    /// Whether it answered its smoke calls.
    pub(super) is_proven: bool,
}

/// What is to become of a plugin.
pub(super) struct Next {
    pub(super) serving: Option<Served>,
    pub(super) status: PluginStatus,
}

/// Whether it is the very same plugin that serves.
pub(super) fn same(a: Option<&Served>, b: Option<&Served>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(&a.plugin, &b.plugin),
        (None, None) => true,
        _ => false,
    }
}
