//! `hookgate role create`, `grant`, `revoke`, `delete`

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use hookgate_core::role::Role;
use serde_json::json;

use super::as_json;
use crate::commands::CommandError;
use crate::commands::operator::Desk;

#[derive(Debug, Args)]
pub(super) struct Permissions {
    /// The role
    name: String,
    /// What its holders may do
    #[arg(required = true, value_name = "PERMISSION", value_parser = NonEmptyStringValueParser::new())]
    permissions: Vec<String>,
}

impl Permissions {
    pub(super) async fn grant(self, desk: &Desk) -> Result<(), CommandError> {
        desk.operator.add_permissions(&self.name, self.permissions.into_iter().collect()).await?;
        answer(desk, &self.name).await
    }

    pub(super) async fn revoke(self, desk: &Desk) -> Result<(), CommandError> {
        desk.operator.remove_permissions(&self.name, self.permissions.into_iter().collect()).await?;
        answer(desk, &self.name).await
    }
}

pub(super) async fn create(desk: &Desk, name: String, permissions: Vec<String>) -> Result<(), CommandError> {
    let role = Role { name: name.clone(), permissions: permissions.into_iter().collect() };
    desk.operator.create_role(role).await?;
    answer(desk, &name).await
}

pub(super) async fn delete(desk: &Desk, name: &str) -> Result<(), CommandError> {
    desk.operator.delete_role(name).await?;
    desk.answer(&json!({"name": name}), || format!("role {name} is deleted"))
}

/// What the role allows now.
async fn answer(desk: &Desk, name: &str) -> Result<(), CommandError> {
    let role = desk.operator.find_role(name).await?;
    desk.answer(&as_json(&role), || {
        let permissions: Vec<_> = role.permissions.iter().map(String::as_str).collect();
        match permissions.as_slice() {
            [] => format!("role {name} has no permissions"),
            some => format!("role {name}: {}", some.join(", ")),
        }
    })
}
