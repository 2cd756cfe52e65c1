//! A version of a plugin that serves.

use std::sync::Arc;

use crate::call::prepared::PreparedPlugin;
use crate::plugin::version::Version;

/// A version that serves, or could.
#[derive(Clone)]
pub(super) struct Served {
    pub(super) plugin: Arc<PreparedPlugin>,
    pub(super) version: Version,
    /// Whether it answered its smoke calls.
    pub(super) is_proven: bool,
}

/// Whether it is the very same plugin that serves.
pub(super) fn same(a: Option<&Served>, b: Option<&Served>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(&a.plugin, &b.plugin),
        (None, None) => true,
        _ => false,
    }
}
