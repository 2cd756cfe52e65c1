//! What host functions and logs need of a plugin.

use super::config::PluginConfig;
use super::limits::Limits;
use super::services::PluginServices;
use crate::http::HttpGrant;

/// One plugin, as its calls see it.
pub(crate) struct PluginInfo {
    pub(crate) name: Box<str>,
    pub(crate) digest_short: Box<str>,
    pub(crate) limits: Limits,
    pub(crate) config: PluginConfig,
    pub(crate) http: HttpGrant,
    pub(crate) services: PluginServices,
    /// Whether it may call host functions that are not this crate's.
    pub(crate) imports_wasi: bool,
    /// Whether nobody is served by it: its settings are checked, or it is asked made-up questions. Host
    /// functions must have no effect then.
    pub(crate) is_trial: bool,
}
