//! The command line.

use std::path::PathBuf;

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
    /// Print a secret for `secret` in the configuration.
    GenerateSecret {
        /// How many random bytes it is made of.
        #[arg(short, long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(32..=1024))]
        length: u16,
    },
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
pub(crate) fn run() -> Result<(), CommandError> {
    match Cli::parse().command {
        Command::Serve(args) => commands::serve(&args.into()),
        Command::Check(args) => commands::check(&args.into()),
        Command::GenerateSecret { length } => commands::generate_secret(length.into()),
        Command::ConfigDocs => commands::config_docs(),
    }
}
