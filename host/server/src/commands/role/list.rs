//! `hookgate role list`

use super::as_json;
use crate::commands::CommandError;
use crate::commands::operator::{Desk, Table};

pub(super) async fn run(desk: &Desk) -> Result<(), CommandError> {
    let roles = desk.operator.list_roles().await?;
    desk.answer(&roles.iter().map(as_json).collect::<Vec<_>>(), || {
        let mut table = Table::new(["ROLE", "PERMISSIONS"]);
        for role in &roles {
            let permissions: Vec<_> = role.permissions.iter().map(String::as_str).collect();
            table.row([role.name.clone(), permissions.join(", ")]);
        }
        table.render()
    })
}
