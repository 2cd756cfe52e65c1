//! What a good token says.

use serde::Deserialize;
use serde_json::{Map, Value};

/// The claims of an access token, in the extensions of every request that passes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Claims {
    /// The user's id: opaque and stable.
    pub sub: String,
    /// The token's own id.
    #[serde(default)]
    pub jti: Option<String>,
    /// The login that the token belongs to.
    #[serde(default)]
    pub sid: Option<String>,
    /// When it was issued, in seconds since the Unix epoch.
    #[serde(default)]
    pub iat: Option<f64>,
    /// The last second in which it is good.
    pub exp: f64,
    /// The user's address at that time.
    #[serde(default)]
    pub email: Option<String>,
    /// Whether the address was proven.
    #[serde(default)]
    pub email_verified: bool,
    /// The user's display name.
    #[serde(default)]
    pub name: Option<String>,
    /// What a plugin put there: the names of the user's roles.
    #[serde(default, deserialize_with = "texts")]
    pub roles: Vec<String>,
    /// What a plugin put there: the user's permissions.
    #[serde(default, deserialize_with = "texts")]
    pub permissions: Vec<String>,
    /// `access` in a token that is good.
    #[serde(default, rename = "type")]
    pub(crate) kind: Option<String>,
    /// Everything else, other claims of plugins among it.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Texts of a list. What is no list of texts grants nothing, and is no error: the claim is a plugin's.
fn texts<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}
