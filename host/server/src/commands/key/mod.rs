//! `hookgate key …`

mod list;
mod rotate;

use clap::{Args, Subcommand};

use super::CommandError;
use super::operator::{self, Desk, IfMissing, Place};

/// The arguments of `key`.
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// List the keys that sign tokens, the oldest first.
    List,
    /// Make a new key. Servers that run take it up by themselves.
    Rotate(rotate::RotateKey),
}

/// Does what was said.
pub(crate) fn key(args: KeyArgs) -> Result<(), CommandError> {
    let KeyArgs { place, command } = args;
    operator::run(async {
        let desk = Desk::open(&place, IfMissing::Refuse).await?;
        match command {
            KeyCommand::List => list::run(&desk).await,
            KeyCommand::Rotate(rotate) => rotate.run(&desk).await,
        }
    })
}
