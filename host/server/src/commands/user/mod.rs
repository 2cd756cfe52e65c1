//! `hookgate user …`

mod change;
mod create;
mod delete;
mod list;
mod password;
mod show;

use clap::{Args, Subcommand};

use super::CommandError;
use super::operator::{self, Desk, IfMissing, Place};

/// The arguments of `user`.
#[derive(Debug, Args)]
pub(crate) struct UserArgs {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Create a user. Prints the id. Plugins are not told.
    Create(create::CreateUser),
    /// List users, in the order of their ids.
    List(list::ListUsers),
    /// Show a user with roles, sessions and failed sign-ins.
    Show(Whom),
    /// Set a new password, and end every session of the user.
    SetPassword(password::SetPassword),
    /// Take an account out of use, and end every session of it.
    Disable(Whom),
    /// Bring a disabled account back into use.
    Enable(Whom),
    /// Forget the failed sign-ins of an account, and lift its lock.
    Unlock(Whom),
    /// Delete a user. The address stays taken, unless `--hard`.
    Delete(delete::DeleteUser),
}

/// One user.
#[derive(Debug, Args)]
struct Whom {
    /// The user's id or address
    #[arg(value_name = "ID|EMAIL")]
    user: String,
}

/// Does what was said.
pub(crate) fn user(args: UserArgs) -> Result<(), CommandError> {
    let UserArgs { place, command } = args;
    operator::run(async {
        let if_missing = match command {
            UserCommand::Create(_) => IfMissing::Make,
            _ => IfMissing::Refuse,
        };
        let desk = Desk::open(&place, if_missing).await?;
        match command {
            UserCommand::Create(create) => create.run(&desk).await,
            UserCommand::List(list) => list.run(&desk).await,
            UserCommand::Show(whom) => show::run(&desk, &whom.user).await,
            UserCommand::SetPassword(set) => set.run(&desk).await,
            UserCommand::Disable(whom) => change::disable(&desk, &whom.user).await,
            UserCommand::Enable(whom) => change::enable(&desk, &whom.user).await,
            UserCommand::Unlock(whom) => change::unlock(&desk, &whom.user).await,
            UserCommand::Delete(delete) => delete.run(&desk).await,
        }
    })
}
