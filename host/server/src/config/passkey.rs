//! `[[providers]]` of the type `passkey`: the site that passkeys are for.

use hookgate_core::webauthn::{RelyingParty, UserVerification};
use toml::{Table, Value};

use super::error::ConfigError;
use super::values::Values;

/// The keys besides the type.
pub(super) const KEYS: &[&str] = &["rp_id", "rp_name", "origin", "user_verification"];

/// The site, if there is such a provider.
pub(super) fn passkey(values: &Values) -> Result<Option<RelyingParty>, ConfigError> {
    let is_passkey = |table: &Table| table.get("type").and_then(Value::as_str) == Some("passkey");
    let Some(table) = values.tables("providers").into_iter().find(is_passkey) else { return Ok(None) };
    let site = RelyingParty::new(
        text(&table, "rp_id")?,
        text(&table, "rp_name")?,
        &origins(&table)?,
        user_verification(&table)?,
    );
    site.map(Some).map_err(|error| complaint(&error.to_string()))
}

fn text<'a>(table: &'a Table, name: &str) -> Result<&'a str, ConfigError> {
    match table.get(name) {
        Some(Value::String(text)) => Ok(text),
        Some(found) => Err(complaint(&format!("`{name}` must be a text, not {found}"))),
        None => Err(complaint(&format!("`{name}` is missing"))),
    }
}

/// One text, or several.
fn origins(table: &Table) -> Result<Vec<String>, ConfigError> {
    let Some(Value::Array(items)) = table.get("origin") else {
        return Ok(vec![text(table, "origin")?.to_owned()]);
    };
    let text = |item: &Value| {
        item.as_str()
            .map(str::to_owned)
            .ok_or_else(|| complaint(&format!("`origin` must be a text or a list of texts; {item} is none")))
    };
    items.iter().map(text).collect()
}

fn user_verification(table: &Table) -> Result<UserVerification, ConfigError> {
    let Some(given) = table.get("user_verification") else { return Ok(UserVerification::default()) };
    let found = UserVerification::NAMES.into_iter().find(|(name, _)| given.as_str() == Some(name));
    found.map(|(_, choice)| choice).ok_or_else(|| {
        let names = UserVerification::NAMES.map(|(name, _)| format!("\"{name}\"")).join(", ");
        complaint(&format!("`user_verification` must be one of {names}, not {given}"))
    })
}

fn complaint(text: &str) -> ConfigError {
    ConfigError::Invalid(format!("`providers`: \"passkey\": {text}"))
}
