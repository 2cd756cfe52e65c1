//! The operator's settings for this plugin: the `[config]` table of `NAME.toml` beside `NAME.wasm`. Needs
//! the grant `config`.

use serde::de::DeserializeOwned;

use crate::{Result, host};

/// One setting. Text comes as it is, everything else as JSON text; none if it is not set.
pub fn get(key: &str) -> Option<String> {
    host::config_get(key)
}

/// The whole table, as a type of yours.
///
/// ```
/// # let _host = hookgate_plugin::testing::Host::new();
/// use hookgate_plugin::config;
///
/// #[derive(serde::Deserialize, Default)]
/// #[serde(default, deny_unknown_fields)]
/// struct Config {
///     allowed_domains: Vec<String>,
/// }
///
/// let config: Config = config::all()?;
/// # assert!(config.allowed_domains.is_empty());
/// # Ok::<_, hookgate_plugin::Error>(())
/// ```
pub fn all<T: DeserializeOwned>() -> Result<T> {
    match serde_json::from_str(&host::config_all()) {
        Ok(config) => Ok(config),
        Err(error) => Err(format!("the plugin's [config] does not fit: {error}").into()),
    }
}
