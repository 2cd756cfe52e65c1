//! One plugin of the folder: what was seen of it, and what serves.

use super::probation::Probation;
use super::scan::Seen;
use super::served::Served;
use crate::error::Refusal;
use crate::load::status::PluginStatus;
use crate::plugin::version::FileId;

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

/// What is to become of a plugin.
pub(super) struct Next {
    pub(super) serving: Option<Served>,
    pub(super) status: PluginStatus,
}
