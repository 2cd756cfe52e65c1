//! `hookgate role assign`, `unassign`

use clap::Args;
use serde_json::json;

use crate::commands::CommandError;
use crate::commands::operator::Desk;

#[derive(Debug, Args)]
pub(super) struct Holder {
    /// The user's id or address
    #[arg(value_name = "ID|EMAIL")]
    user: String,
    /// The role
    name: String,
}

impl Holder {
    pub(super) async fn assign(self, desk: &Desk) -> Result<(), CommandError> {
        let user = desk.operator.find_user(&self.user).await?;
        desk.operator.assign_role(&user, &self.name).await?;
        let value = json!({"user_id": user.id, "role": self.name});
        desk.answer(&value, || format!("{} has the role {}", user.email, self.name))
    }

    pub(super) async fn unassign(self, desk: &Desk) -> Result<(), CommandError> {
        let user = desk.operator.find_user(&self.user).await?;
        desk.operator.unassign_role(&user, &self.name).await?;
        let value = json!({"user_id": user.id, "role": self.name});
        desk.answer(&value, || format!("{} does not have the role {}", user.email, self.name))
    }
}
