//! `hookgate role …`

mod assign;
mod define;
mod list;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use hookgate_core::role::Role;
use serde_json::{Value, json};

use super::CommandError;
use super::operator::{self, Desk, IfMissing, Place};

/// The arguments of `role`.
#[derive(Debug, Args)]
pub(crate) struct RoleArgs {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: RoleCommand,
}

#[derive(Debug, Subcommand)]
enum RoleCommand {
    /// Create a role. Holders of `admin` may change roles over HTTP.
    Create {
        /// The role
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        name: String,
        /// What its holders may do; may be repeated
        #[arg(long = "permission", value_name = "PERMISSION", value_parser = NonEmptyStringValueParser::new())]
        permissions: Vec<String>,
    },
    /// Add permissions to a role.
    Grant(define::Permissions),
    /// Take permissions from a role.
    Revoke(define::Permissions),
    /// Give a user a role.
    Assign(assign::Holder),
    /// Take a role from a user.
    Unassign(assign::Holder),
    /// List the roles and their permissions.
    List,
    /// Delete a role, and take it from whoever holds it.
    Delete {
        /// The role
        name: String,
    },
}

/// Does what was said.
pub(crate) fn role(args: RoleArgs) -> Result<(), CommandError> {
    let RoleArgs { place, command } = args;
    operator::run(async {
        let if_missing = match command {
            RoleCommand::Create { .. } => IfMissing::Make,
            _ => IfMissing::Refuse,
        };
        let desk = Desk::open(&place, if_missing).await?;
        match command {
            RoleCommand::Create { name, permissions } => define::create(&desk, name, permissions).await,
            RoleCommand::Grant(permissions) => permissions.grant(&desk).await,
            RoleCommand::Revoke(permissions) => permissions.revoke(&desk).await,
            RoleCommand::Assign(holder) => holder.assign(&desk).await,
            RoleCommand::Unassign(holder) => holder.unassign(&desk).await,
            RoleCommand::List => list::run(&desk).await,
            RoleCommand::Delete { name } => define::delete(&desk, &name).await,
        }
    })
}

fn as_json(role: &Role) -> Value {
    json!({"name": role.name, "permissions": role.permissions})
}
