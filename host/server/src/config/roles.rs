//! `[[roles]]`: the roles that must exist.

use std::collections::BTreeSet;

use hookgate_core::role::Role;
use toml::{Table, Value};

use super::error::ConfigError;
use super::values::Values;

/// Each role of the file, and the default role even if it is not listed.
pub(super) fn roles(values: &Values) -> Result<Vec<Role>, ConfigError> {
    let mut roles: Vec<Role> = Vec::new();
    for table in values.tables("roles") {
        let role = role(&table)?;
        if roles.iter().any(|other| other.name == role.name) {
            return invalid(format!("`roles`: \"{}\" is given twice", role.name));
        }
        roles.push(role);
    }
    let default_role = values.text("default_role");
    if default_role.as_deref() == Some("") {
        return invalid("`default_role` is empty; leave it out for users without one".to_owned());
    }
    if let Some(name) = default_role
        && roles.iter().all(|role| role.name != name)
    {
        roles.push(Role { name, permissions: BTreeSet::new() });
    }
    Ok(roles)
}

fn role(table: &Table) -> Result<Role, ConfigError> {
    let name = match table.get("name").map(Value::as_str) {
        Some(Some(name)) if !name.is_empty() => name,
        Some(_) => return invalid("`roles`: a `name` must be text, and not empty".to_owned()),
        None => return invalid("`roles`: one has no `name`".to_owned()),
    };
    if let Some(key) = table.keys().find(|key| !["name", "permissions"].contains(&key.as_str())) {
        return invalid(format!("`roles`: \"{name}\" has an unknown key `{key}`; a role has `permissions`"));
    }
    let permissions = table.get("permissions").map_or(Some(BTreeSet::new()), texts);
    match permissions {
        Some(permissions) => Ok(Role { name: name.to_owned(), permissions }),
        None => {
            invalid(format!("`roles`: the `permissions` of \"{name}\" must be a list of texts, none empty"))
        }
    }
}

fn texts(value: &Value) -> Option<BTreeSet<String>> {
    let text = |item: &Value| item.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    value.as_array()?.iter().map(text).collect()
}

fn invalid<T>(text: String) -> Result<T, ConfigError> {
    Err(ConfigError::Invalid(text))
}
