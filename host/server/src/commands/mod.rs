//! One file per subcommand.

mod check;
mod serve;

pub(crate) use check::check;
pub(crate) use serve::serve;

use std::io::{self, Write as _};

use crate::app::AppError;
use crate::config::{self, ConfigError};
use crate::data_dir::DataDirError;

/// A command could not be done. Each is one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    #[error(transparent)]
    App(#[from] AppError),
    #[error("cannot listen on {address}: {source}")]
    Listen { address: std::net::SocketAddr, source: io::Error },
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Check(String),
}

/// Prints a new secret.
pub(crate) fn generate_secret(length: usize) -> Result<(), CommandError> {
    writeln!(io::stdout(), "{}", config::generate_secret(length))?;
    Ok(())
}

/// Prints the reference of all settings.
pub(crate) fn config_docs() -> Result<(), CommandError> {
    write!(io::stdout(), "{}", config::docs::render())?;
    Ok(())
}
