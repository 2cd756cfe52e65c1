//! What a case expects, as its file says it.

use std::collections::BTreeMap;

use hookgate_core::JsonObject;
use serde::Deserialize;
use serde_json::Value;

/// What must be answered. What is not named may be anything, except that a failure must be expected.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Expect {
    pub(super) decision: Option<ExpectedDecision>,
    pub(super) deny: Option<ExpectedDenial>,
    /// Claims that must be there with these values.
    pub(super) claims: Option<JsonObject>,
    /// The same of a session.
    pub(super) session: Option<JsonObject>,
    /// Members of claims or session that must not be there.
    pub(super) absent: Vec<String>,
    /// A part of the failure's text.
    pub(super) error: Option<String>,
    /// Parts of log lines, each of which must be there.
    pub(super) logs: Vec<String>,
    /// The requests that are sent, in order: these and no others.
    pub(super) http: Option<Vec<ExpectedRequest>>,
    /// What the plugin keeps after the call; null for nothing.
    pub(super) kv: BTreeMap<String, Value>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ExpectedDecision {
    Allow,
    Deny,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ExpectedDenial {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) reason: Option<String>,
}

/// A request. What is not named may be anything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedRequest {
    pub(super) method: Option<String>,
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    /// A part of the body.
    pub(super) body: Option<String>,
    /// The whole body as JSON.
    pub(super) json: Option<Value>,
}
