//! What one generation consisted of.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::plugin::version::Version;

/// One generation, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Counts up with every change.
    pub number: u64,
    /// Since when it served, in milliseconds since the Unix epoch.
    pub made_at_ms: u64,
    /// What brought it about, in words.
    pub cause: String,
    /// The generation that it repeats, if it is a roll-back: going back once more begins before that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<u64>,
    /// The plugins that served, by name.
    pub plugins: BTreeMap<String, Version>,
}

impl Record {
    /// The name of its file: in order of the numbers.
    pub(super) fn file(&self) -> String {
        format!("{:012}.json", self.number)
    }

    /// The number that a file's name says.
    pub(super) fn number_of(path: &Path) -> Option<u64> {
        let name = path.file_name()?.to_str()?.strip_suffix(".json")?;
        name.bytes().all(|byte| byte.is_ascii_digit()).then(|| name.parse().ok())?
    }
}
