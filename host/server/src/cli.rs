//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::commands;
use crate::commands::CommandError;
use crate::config::Flags;

/// A self-hosted authentication server whose lifecycle hooks are sandboxed WebAssembly components.
#[derive(Debug, Parser)]
#[command(name = "hookgate", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server. Needs no configuration.
    Serve(ServeArgs),
    /// Check configuration, data folder and plugins, without starting anything.
    Check(ServeArgs),
    /// Create, list and change users, with or without a running server.
    User(commands::UserArgs),
    /// Create, change and assign roles.
    Role(commands::RoleArgs),
    /// List and remove passkeys.
    Passkey(commands::PasskeyArgs),
    /// List and end sessions.
    Session(commands::SessionArgs),
    /// Look at events and mails that could not be delivered, and have them tried again.
    Outbox(commands::OutboxArgs),
    /// List the keys that sign tokens, and make new ones.
    Key(commands::KeyArgs),
    /// Copy the database to a new file, also while the server runs.
    Backup(commands::BackupArgs),
    /// Write every user as a line of JSON.
    Export(commands::ExportArgs),
    /// Take over users that were exported, here or elsewhere, or from FastAuth.
    Import(commands::ImportArgs),
    /// Make, build, inspect, try, test and measure plugins; list, switch and roll back those that serve.
    #[command(subcommand)]
    Plugin(commands::PluginCommand),
    /// Print a secret for `secret` in the configuration.
    GenerateSecret {
        /// How many random bytes it is made of.
        #[arg(short, long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(32..=1024))]
        length: u16,
    },
    /// Compile a plugin, told on standard input: `serve` starts this.
    #[command(hide = true)]
    CompilePlugin,
    /// Print `docs/config.md`.
    #[command(hide = true)]
    ConfigDocs,
}

/// What `serve` takes, and `check` checks.
#[derive(Debug, Args)]
struct ServeArgs {
    /// The configuration file [default: hookgate.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The address and port to listen on [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// The folder for database and secret; made if it does not exist [default: hookgate-data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The folder of plugins [default: plugins in the data folder]
    #[arg(long, value_name = "DIR")]
    plugins: Option<PathBuf>,
    /// Run without any plugin, so that a broken one can't lock anybody out
    #[arg(long)]
    safe_mode: bool,
}

impl From<ServeArgs> for Flags {
    fn from(args: ServeArgs) -> Self {
        let ServeArgs { config, listen, data_dir, plugins, safe_mode } = args;
        Self { config, listen, data_dir, plugins, safe_mode }
    }
}

/// Does what the command line says.
pub(crate) fn run() -> Result<ExitCode, CommandError> {
    let done = match Cli::parse().command {
        Command::Plugin(command) => return commands::plugin(command),
        Command::CompilePlugin => return Ok(hookgate_hooks::run_compiler()),
        Command::Serve(args) => commands::serve(&args.into()),
        Command::Check(args) => commands::check(&args.into()),
        Command::User(args) => commands::user(args),
        Command::Role(args) => commands::role(args),
        Command::Passkey(args) => commands::passkey(args),
        Command::Session(args) => commands::session(args),
        Command::Outbox(args) => commands::outbox(args),
        Command::Key(args) => commands::key(args),
        Command::Backup(args) => commands::backup(args),
        Command::Export(args) => commands::export(args),
        Command::Import(args) => commands::import(args),
        Command::GenerateSecret { length } => commands::generate_secret(length.into()),
        Command::ConfigDocs => commands::config_docs(),
    };
    done.map(|()| ExitCode::SUCCESS)
}
