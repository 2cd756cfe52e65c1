//! One version of a plugin, and how its files are told from others.

use serde::{Deserialize, Serialize};

use super::digest::Digest;

/// One version of a plugin: its component, and its manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Of the component.
    pub digest: Digest,
    /// The manifest's text, if there was one.
    pub manifest: Option<String>,
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
