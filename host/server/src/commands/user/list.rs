//! `hookgate user list`

use clap::Args;

use crate::commands::CommandError;
use crate::commands::operator::{Desk, Table, date};

#[derive(Debug, Args)]
pub(super) struct ListUsers {
    /// How many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Begin after this id
    #[arg(long, value_name = "ID")]
    after: Option<String>,
}

impl ListUsers {
    pub(super) async fn run(self, desk: &Desk) -> Result<(), CommandError> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        // One more, to know whether there are more.
        let mut users = desk.operator.list_users(self.after.as_deref(), limit.saturating_add(1)).await?;
        let has_more = users.len() > limit;
        users.truncate(limit);
        desk.answer(&users, || {
            let mut table = Table::new(["ID", "EMAIL", "NAME", "VERIFIED", "STATE", "CREATED"]);
            for user in &users {
                let state = match (user.deleted_at, user.is_active) {
                    (Some(_), _) => "deleted",
                    (None, true) => "active",
                    (None, false) => "disabled",
                };
                table.row([
                    user.id.to_string(),
                    user.email.clone(),
                    user.name.clone().unwrap_or_default(),
                    if user.email_verified { "yes" } else { "no" }.to_owned(),
                    state.to_owned(),
                    date(user.created_at),
                ]);
            }
            table.render()
        })?;
        if let (true, Some(last)) = (has_more, users.last()) {
            desk.remark(&format!("There are more: --after {}", last.id));
        }
        Ok(())
    }
}
