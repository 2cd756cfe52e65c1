//! `hookgate passkey delete`

use clap::Args;
use serde_json::json;

use crate::commands::CommandError;
use crate::commands::operator::Desk;

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct DeletePasskey {
    /// The passkey
    #[arg(value_name = "PASSKEY_ID", allow_hyphen_values = true)]
    id: Option<String>,
    /// All passkeys of this user
    #[arg(long, value_name = "ID|EMAIL")]
    user: Option<String>,
}

impl DeletePasskey {
    pub(super) async fn run(self, desk: &Desk) -> Result<(), CommandError> {
        let deleted = if let Some(id) = &self.id {
            desk.operator.delete_passkey(id).await?;
            1
        } else {
            let user = desk.operator.find_user(self.user.as_deref().unwrap_or_default()).await?;
            desk.operator.delete_user_passkeys(&user).await?
        };
        desk.answer(&json!({"deleted": deleted}), || match deleted {
            1 => "1 passkey is deleted".to_owned(),
            deleted => format!("{deleted} passkeys are deleted"),
        })
    }
}
