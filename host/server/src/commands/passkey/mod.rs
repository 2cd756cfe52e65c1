//! `hookgate passkey …`

mod delete;
mod list;

use clap::{Args, Subcommand};

use super::CommandError;
use super::operator::{self, Desk, IfMissing, Place};

/// The arguments of `passkey`.
#[derive(Debug, Args)]
pub(crate) struct PasskeyArgs {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: PasskeyCommand,
}

#[derive(Debug, Subcommand)]
enum PasskeyCommand {
    /// List a user's passkeys, the oldest first.
    List {
        /// The user's id or address
        #[arg(value_name = "ID|EMAIL")]
        user: String,
    },
    /// Remove a passkey, or all passkeys of a user.
    Delete(delete::DeletePasskey),
}

/// Does what was said.
pub(crate) fn passkey(args: PasskeyArgs) -> Result<(), CommandError> {
    let PasskeyArgs { place, command } = args;
    operator::run(async {
        let desk = Desk::open(&place, IfMissing::Refuse).await?;
        match command {
            PasskeyCommand::List { user } => list::run(&desk, &user).await,
            PasskeyCommand::Delete(delete) => delete.run(&desk).await,
        }
    })
}
