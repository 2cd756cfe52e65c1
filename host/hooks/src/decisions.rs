//! What the operator decided about plugins at run time. It outlives a restart.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::archive::Version;
use crate::digest::Digest;

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

/// What a plugin's files in the folder contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileId {
    /// Of the component.
    pub component: Digest,
    /// Of the manifest, if there is one.
    pub manifest: Option<Digest>,
}

impl FileId {
    /// Of files with this content.
    pub(crate) fn of(component: Digest, manifest: Option<&str>) -> Self {
        Self { component, manifest: manifest.map(|text| Digest::of(text.as_bytes())) }
    }
}

impl Version {
    /// Of files that contain this version.
    pub(crate) fn file_id(&self) -> FileId {
        FileId::of(self.digest, self.manifest.as_deref())
    }
}
