//! What the operator's commands share: opening the data without the server, and talking to people and
//! scripts.

mod password;
mod table;
mod time;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use hookgate_core::clock::SystemClock;
use hookgate_core::passwords::PasswordHasher;
use hookgate_core::services::operator::{Operator, OperatorError};
use hookgate_core::tokens::KeyKeeper;
use hookgate_store::{MemoryStore, SqliteStore};
use serde::Serialize;

pub(crate) use password::PasswordSource;
pub(crate) use table::{Facts, Table, printable};
pub(crate) use time::date;

use super::CommandError;
use crate::app::{self, AppError};
use crate::config::{Config, Flags};
use crate::data_dir;
use crate::initial_roles;

/// Where the data is, and for whom the answer is.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The configuration file [default: hookgate.toml, if there is one]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// The folder of the database [default: hookgate-data]
    #[arg(long, value_name = "DIR", global = true)]
    data_dir: Option<PathBuf>,
    /// Answer in JSON, for scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Place {
    /// The configuration that holds there.
    pub(crate) fn config(&self, plugins: Option<PathBuf>) -> Result<Config, CommandError> {
        let (config, data_dir) = (self.config.clone(), self.data_dir.clone());
        Ok(Config::load(&Flags { config, data_dir, plugins, ..Flags::default() }, std::env::vars())?)
    }

    /// Says something to people that scripts have no use for.
    pub(crate) fn remark(&self, text: &str) {
        if !self.json {
            eprintln!("{text}");
        }
    }
}

/// What to do if there is no database yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfMissing {
    /// Make it, as `serve` does.
    Make,
    /// Say so: there is nothing to look at or to change.
    Refuse,
    /// Go on with an empty one that is kept nowhere.
    Imagine,
}

/// The data, opened for one command. No plugin is loaded, and no secret is read unless
/// keys are made.
pub(crate) struct Desk {
    pub(crate) operator: Operator,
    /// None for a database that is kept nowhere.
    pub(crate) store: Option<SqliteStore>,
    config: Config,
    json: bool,
}

impl Desk {
    pub(crate) async fn open(place: &Place, if_missing: IfMissing) -> Result<Self, CommandError> {
        let config = place.config(None)?;
        let store = match if_missing {
            IfMissing::Imagine if !config.database.exists() => None,
            IfMissing::Refuse if !config.database.exists() => {
                return Err(CommandError::Refused(format!(
                    "there is no database {}; `--data-dir` and `--config` say where to look",
                    config.database.display()
                )));
            }
            _ => {
                if if_missing == IfMissing::Make {
                    data_dir::ensure(&config.data_dir)?;
                }
                Some(app::open_store(&config).map_err(AppError::from)?)
            }
        };
        let adapters = store.as_ref().map_or_else(|| MemoryStore::new().adapters(), SqliteStore::adapters);
        if if_missing == IfMissing::Make {
            // As when the server starts: new users get the default role.
            initial_roles::ensure(&adapters, &config.roles).await.map_err(AppError::Roles)?;
        }
        let operator = Operator::new(adapters, config.settings.clone(), Arc::new(SystemClock));
        Ok(Self { operator, store, config, json: place.json })
    }

    /// The configuration.
    pub(crate) const fn config(&self) -> &Config {
        &self.config
    }

    /// Makes signing keys. Reads the secret, which seals them.
    pub(crate) fn key_keeper(&self) -> Result<KeyKeeper, CommandError> {
        let adapters =
            self.store.as_ref().map_or_else(|| MemoryStore::new().adapters(), SqliteStore::adapters);
        Ok(app::key_keeper(&self.config, &self.config.secret.obtain()?, &adapters))
    }

    /// The hash of a new password, at the server's cost.
    pub(crate) async fn hash(&self, password: String) -> Result<String, CommandError> {
        self.operator.check_password(&password)?;
        let hasher = PasswordHasher::start(self.config.argon2, 1, 1).map_err(OperatorError::from)?;
        Ok(hasher.hash(password).await.map_err(OperatorError::from)?)
    }

    /// Prints the answer: a text for people, or a value for scripts.
    pub(crate) fn answer(
        &self,
        value: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), CommandError> {
        answer(self.json, value, text)
    }

    /// Says something to people that scripts have no use for.
    pub(crate) fn remark(&self, text: &str) {
        if !self.json {
            eprintln!("{text}");
        }
    }
}

/// Prints an answer: a text for people, or a value for scripts.
pub(crate) fn answer(
    json: bool,
    value: &impl Serialize,
    text: impl FnOnce() -> String,
) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    if json {
        let value = serde_json::to_string(value).map_err(io::Error::from)?;
        writeln!(out, "{value}")?;
    } else {
        writeln!(out, "{}", text().trim_end())?;
    }
    out.flush()?;
    Ok(())
}

/// Runs a command to its end.
pub(crate) fn run(command: impl Future<Output = Result<(), CommandError>>) -> Result<(), CommandError> {
    super::answered(tokio::runtime::Builder::new_current_thread().build()?.block_on(command))
}
