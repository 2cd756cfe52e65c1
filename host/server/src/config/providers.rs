//! `[[providers]]`: the ways in.

use hookgate_core::settings::Providers;
use toml::{Table, Value};

use super::error::ConfigError;
use super::oauth;
use super::values::Values;

/// Every way in, and the keys that it may have besides its type.
const KNOWN: [(&str, &[&str]); 6] = [
    ("credentials", &[]),
    ("magic_links", &["max_age"]),
    ("passkey", super::passkey::KEYS),
    ("google", oauth::GOOGLE),
    ("github", oauth::GITHUB),
    ("oidc", oauth::OIDC),
];
/// The bounds of `max_age`, in seconds. A link that signs in is no session.
const MAX_AGE: std::ops::RangeInclusive<i64> = 1..=604_800;
const DEFAULT_MAX_AGE: i64 = 900;

/// The ways in, and how long a mailed link is good. Without any: passwords, as FastAuth's default.
pub(super) fn providers(values: &Values) -> Result<(Providers, i64), ConfigError> {
    let tables = values.tables("providers");
    if tables.is_empty() {
        return Ok((Providers::default(), DEFAULT_MAX_AGE));
    }
    let mut providers = Providers { credentials: false, magic_links: false };
    let mut max_age = DEFAULT_MAX_AGE;
    // What it says is read by `passkey`.
    let mut has_passkey = false;
    for table in tables {
        let is_there = match kind(&table)? {
            "credentials" => &mut providers.credentials,
            "passkey" => &mut has_passkey,
            // There may be several, and `oauth` reads them.
            "google" | "github" | "oidc" => continue,
            _ => {
                max_age = read_max_age(&table)?;
                &mut providers.magic_links
            }
        };
        if std::mem::replace(is_there, true) {
            return invalid(format!("`providers`: {} is given twice", table["type"]));
        }
    }
    Ok((providers, max_age))
}

/// The type of a provider, with no key that it does not have.
fn kind(table: &Table) -> Result<&'static str, ConfigError> {
    let names = KNOWN.map(|(name, _)| format!("\"{name}\"")).join(", ");
    let Some(given) = table.get("type") else {
        return invalid(format!("`providers`: one has no `type`; known types are {names}"));
    };
    let found = KNOWN.into_iter().find(|(name, _)| given.as_str() == Some(name));
    let Some((name, keys)) = found else {
        return invalid(format!("`providers`: the type {given} is not known; known types are {names}"));
    };
    match table.keys().find(|key| *key != "type" && !keys.contains(&key.as_str())) {
        Some(key) => invalid(format!("`providers`: \"{name}\" has no key `{key}`")),
        None => Ok(name),
    }
}

fn read_max_age(table: &Table) -> Result<i64, ConfigError> {
    match table.get("max_age") {
        None => Ok(DEFAULT_MAX_AGE),
        Some(Value::Integer(seconds)) if MAX_AGE.contains(seconds) => Ok(*seconds),
        Some(found) => invalid(format!(
            "`providers`: `max_age` must be a whole number of seconds from {} to {}, not {found}",
            MAX_AGE.start(),
            MAX_AGE.end()
        )),
    }
}

fn invalid<T>(text: String) -> Result<T, ConfigError> {
    Err(ConfigError::Invalid(text))
}
