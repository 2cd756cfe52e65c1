//! The settings that an operator gives a plugin.

use std::collections::BTreeMap;

use hookgate_core::JsonObject;
use serde_json::Value as Json;

/// A plugin's settings, ready to be handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginConfig {
    json: String,
    values: BTreeMap<String, String>,
}

impl Default for PluginConfig {
    fn default() -> Self {
        Self { json: "{}".to_owned(), values: BTreeMap::new() }
    }
}

impl PluginConfig {
    /// The settings of a JSON object.
    #[must_use]
    pub fn from_json(object: JsonObject) -> Self {
        let text = |value: &Json| match value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        let values = object.iter().map(|(key, value)| (key.clone(), text(value))).collect();
        Self { json: Json::Object(object).to_string(), values }
    }

    /// One setting: text as it is, everything else as JSON text.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// The whole table as a JSON object.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }
}
