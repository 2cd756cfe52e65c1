//! `hookgate session revoke`

use clap::Args;
use serde_json::json;

use crate::commands::CommandError;
use crate::commands::operator::Desk;

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct RevokeSession {
    /// The session
    #[arg(value_name = "SESSION_ID")]
    id: Option<String>,
    /// All sessions of this user
    #[arg(long, value_name = "ID|EMAIL")]
    user: Option<String>,
}

impl RevokeSession {
    pub(super) async fn run(self, desk: &Desk) -> Result<(), CommandError> {
        let ended = if let Some(id) = &self.id {
            desk.operator.revoke_session(id).await?;
            1
        } else {
            let user = desk.operator.find_user(self.user.as_deref().unwrap_or_default()).await?;
            desk.operator.revoke_user_sessions(&user).await?
        };
        desk.answer(&json!({"ended": ended}), || match ended {
            1 => "1 session is ended".to_owned(),
            ended => format!("{ended} sessions are ended"),
        })
    }
}
