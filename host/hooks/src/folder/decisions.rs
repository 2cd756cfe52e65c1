//! What the operator decided about plugins at run time. It outlives a restart.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::plugin::version::{FileId, Version};

/// What the operator decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decisions {
    /// Plugins that are switched off, whatever lies in the folder.
    pub disabled: BTreeSet<String>,
    /// Plugins of which another version than the folder's serves: the roll-backs.
    pub held: BTreeMap<String, Hold>,
}

/// One plugin's roll-back. It ends when the file in the folder changes, and by `reload`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// What serves; nothing for a plugin that was not there.
    pub serve: Option<Version>,
    /// What lies in the folder and does not serve; nothing if there is no file, or one that can't be read.
    pub instead_of: Option<FileId>,
    /// The generation of which this version is.
    pub generation: u64,
    /// Why, as a clause: "rolled back to generation 4 by the operator".
    pub reason: String,
}
