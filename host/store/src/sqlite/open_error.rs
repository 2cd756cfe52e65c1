//! Why a database could not be opened, in sentences for the operator.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// A database could not be opened. Nothing was changed in it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file can't be created or reached.
    #[error("the database {} can't be created: {source}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{} is not a SQLite database", path.display())]
    NotSqlite {
        /// The file.
        path: PathBuf,
    },
    /// The file belongs to another program.
    #[error("{} is a SQLite database of another program, not one of Hookgate", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a later version.
    #[error(
        "the database {} has schema version {found}, and this version of Hookgate knows only those up to \
         {known}: run the version that wrote it, or restore a backup from before the upgrade",
        path.display()
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// The schema of the file.
        found: i64,
        /// The latest schema that this version knows.
        known: i64,
    },
    /// The file system lacks what the write-ahead log needs (network file systems do).
    #[error(
        "the database {} can't have a write-ahead log (SQLite offers \"{offered}\"): keep it on a local \
         file system",
        path.display()
    )]
    NoWriteAheadLog {
        /// The file.
        path: PathBuf,
        /// The journal mode that SQLite offers instead.
        offered: String,
    },
    /// SQLite refused.
    #[error("the database {} can't be opened: {source}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The system gave no thread.
    #[error("no thread for the database: {0}")]
    Thread(#[source] std::io::Error),
}

impl OpenError {
    /// What SQLite's refusal of a file means.
    pub(super) fn from_sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotSqlite { path },
            _ => Self::Sqlite { path, source },
        }
    }
}
