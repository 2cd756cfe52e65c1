//! `hookgate session …`

mod list;
mod revoke;

use clap::{Args, Subcommand};

pub(crate) use list::{as_json, as_table};

use super::CommandError;
use super::operator::{self, Desk, IfMissing, Place};

/// The arguments of `session`.
#[derive(Debug, Args)]
pub(crate) struct SessionArgs {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: SessionCommand,
}

#[derive(Debug, Subcommand)]
enum SessionCommand {
    /// List a user's sessions, the oldest first.
    List {
        /// The user's id or address
        #[arg(value_name = "ID|EMAIL")]
        user: String,
    },
    /// End a session, or all sessions of a user, with their refresh tokens.
    Revoke(revoke::RevokeSession),
}

/// Does what was said.
pub(crate) fn session(args: SessionArgs) -> Result<(), CommandError> {
    let SessionArgs { place, command } = args;
    operator::run(async {
        let desk = Desk::open(&place, IfMissing::Refuse).await?;
        match command {
            SessionCommand::List { user } => list::run(&desk, &user).await,
            SessionCommand::Revoke(revoke) => revoke.run(&desk).await,
        }
    })
}
