//! Where generations of plugins are kept.

use hookgate_hooks::Archive;

use crate::config::Config;

/// The archive in the data folder.
pub(crate) fn archive(config: &Config) -> Archive {
    Archive::new(config.data_dir.join("generations"), config.hooks.generations)
}
