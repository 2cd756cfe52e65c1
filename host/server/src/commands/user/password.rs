//! `hookgate user set-password`

use clap::Args;

use super::change::answer;
use crate::commands::CommandError;
use crate::commands::operator::{Desk, PasswordSource};

#[derive(Debug, Args)]
pub(super) struct SetPassword {
    /// The user's id or address
    #[arg(value_name = "ID|EMAIL")]
    user: String,
    #[command(flatten)]
    password: PasswordSource,
}

impl SetPassword {
    pub(super) async fn run(self, desk: &Desk) -> Result<(), CommandError> {
        let user = desk.operator.find_user(&self.user).await?;
        let hash = desk.hash(self.password.read()?).await?;
        desk.operator.set_password(&user, hash).await?;
        answer(desk, &user, "has a new password, and every session is ended").await
    }
}
