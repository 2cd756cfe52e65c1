//! One file per subcommand.

mod check;
mod data;
mod key;
mod operator;
mod outbox;
mod passkey;
mod plugin;
mod role;
mod serve;
mod serving;
mod session;
mod user;

pub(crate) use check::check;
pub(crate) use data::{BackupArgs, ExportArgs, ImportArgs, backup, export, import};
pub(crate) use key::{KeyArgs, key};
pub(crate) use outbox::{OutboxArgs, outbox};
pub(crate) use passkey::{PasskeyArgs, passkey};
pub(crate) use plugin::{PluginCommand, PluginError, plugin};
pub(crate) use role::{RoleArgs, role};
pub(crate) use serve::serve;
pub(crate) use session::{SessionArgs, session};
pub(crate) use user::{UserArgs, user};

use std::io::{self, Write as _};

use hookgate_core::adapters::StoreError;
use hookgate_core::services::operator::OperatorError;
use hookgate_core::tokens::KeeperError;
use hookgate_hooks::OperateError;
use hookgate_store::FastAuthError;

use crate::app::AppError;
use crate::config::{self, ConfigError};
use crate::data_dir::DataDirError;
use serving::ClientError;

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
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Plugin(#[from] PluginError),
    #[error(transparent)]
    Serving(#[from] OperateError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error(transparent)]
    Keys(#[from] KeeperError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    FastAuth(#[from] FastAuthError),
}

impl CommandError {
    /// Whether it is only that the reader of an author's tool has seen enough (`| head`).
    pub(crate) fn is_reader_gone(&self) -> bool {
        let kind = match self {
            Self::Plugin(PluginError::Io(error)) => Some(error.kind()),
            Self::Plugin(PluginError::Json(error)) => error.io_error_kind(),
            _ => None,
        };
        kind == Some(io::ErrorKind::BrokenPipe)
    }
}

/// For commands that only answer: a reader that has seen enough is no error of theirs.
fn answered(result: Result<(), CommandError>) -> Result<(), CommandError> {
    match result {
        Err(CommandError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Prints a new secret.
pub(crate) fn generate_secret(length: usize) -> Result<(), CommandError> {
    writeln!(io::stdout(), "{}", config::generate_secret(length))?;
    Ok(())
}

/// Prints the reference of all settings.
pub(crate) fn config_docs() -> Result<(), CommandError> {
    answered(write!(io::stdout(), "{}", config::docs::render()).map_err(CommandError::from))
}
