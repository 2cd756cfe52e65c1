//! The `[http]` table of a manifest.

use http::Method;
use serde::{Deserialize, Deserializer};

use super::{HostRule, PrivateAddress};

/// Where a plugin may send requests, and how.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpGrant {
    /// Whom it may talk to; nobody else.
    #[serde(deserialize_with = "parsed")]
    pub hosts: Vec<HostRule>,
    /// The methods that it may use.
    #[serde(deserialize_with = "methods")]
    pub methods: Vec<Method>,
    /// Addresses that are not public and may be reached all the same.
    #[serde(deserialize_with = "parsed")]
    pub allow_private: Vec<PrivateAddress>,
}

impl HttpGrant {
    /// The keys of the table.
    pub const KEYS: &'static [&'static str] = &["hosts", "methods", "allow_private"];
}

impl Default for HttpGrant {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            methods: vec![Method::GET, Method::HEAD, Method::POST],
            allow_private: Vec::new(),
        }
    }
}

/// A list of texts that each mean something.
pub(crate) fn parsed<'de, T, D>(field: D) -> Result<Vec<T>, D::Error>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
    D: Deserializer<'de>,
{
    let texts = Vec::<String>::deserialize(field)?;
    let parse = |text: &String| {
        text.parse().map_err(|error| serde::de::Error::custom(format_args!("`{text}` {error}")))
    };
    texts.iter().map(parse).collect()
}

/// Not `CONNECT` and `TRACE`, which are no requests for a resource.
fn methods<'de, D: Deserializer<'de>>(field: D) -> Result<Vec<Method>, D::Error> {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let parse = |text: &String| match text.parse() {
        Ok(method) if KNOWN.contains(&text.as_str()) => Ok(method),
        _ => Err(serde::de::Error::custom(format_args!(
            "`{text}` is not a method that plugins may use; known are {}",
            KNOWN.join(", ")
        ))),
    };
    Vec::<String>::deserialize(field)?.iter().map(parse).collect()
}
