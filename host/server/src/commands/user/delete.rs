//! `hookgate user delete`

use std::io::{self, IsTerminal as _};

use clap::Args;
use serde_json::json;

use crate::commands::CommandError;
use crate::commands::operator::{Desk, printable};

#[derive(Debug, Args)]
pub(super) struct DeleteUser {
    /// The user's id or address
    #[arg(value_name = "ID|EMAIL")]
    user: String,
    /// Remove the user with everything that belongs to it, so that the address is free
    #[arg(long)]
    hard: bool,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

impl DeleteUser {
    pub(super) async fn run(self, desk: &Desk) -> Result<(), CommandError> {
        let user = desk.operator.find_user(&self.user).await?;
        if !self.yes {
            confirm(&format!("Delete {} ({})? [y/N] ", printable(&user.email), printable(user.id.as_str())))?;
        }
        desk.operator.delete_user(&user, self.hard).await?;
        let value = json!({"id": user.id, "email": user.email, "hard": self.hard});
        desk.answer(&value, || {
            let rest = if self.hard { "" } else { "; the address stays taken" };
            format!("{} is deleted{rest}", user.email)
        })
    }
}

fn confirm(question: &str) -> Result<(), CommandError> {
    if !io::stdin().is_terminal() {
        return Err(CommandError::Refused(
            "deleting asks first; `--yes` is the answer for scripts".to_owned(),
        ));
    }
    eprint!("{question}");
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    match line.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(CommandError::Refused("nothing was deleted".to_owned())),
    }
}
