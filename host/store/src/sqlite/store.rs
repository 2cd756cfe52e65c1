//! The SQLite store: opening it, its adapters, and what its operator may ask of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hookgate_core::adapters::{Adapters, StoreResult};

use super::backup;
use super::config::SqliteConfig;
use super::connection::{self, Access};
use super::database::Database;
use super::migrate;
use super::open_error::OpenError;
use super::private_file::create_private_file;
use super::readers::Readers;
use super::writer::Writer;

/// State in one SQLite file.
///
/// A write returns when it is on disk, and its transaction is shared with whatever else was waiting to
/// be written. A read sees every write that has returned. Other processes may use the file meanwhile.
///
/// The database is closed when the store and everything that [`adapters`](Self::adapters) gave out is
/// dropped. The last drop blocks until all queued writes are done and the log is folded into the file.
#[derive(Clone)]
pub struct SqliteStore {
    database: Arc<Database>,
    path: PathBuf,
    busy_timeout: Duration,
}

/// What a store has done since it was opened, and what is waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SqliteStats {
    /// Transactions that were committed: one sync of the disk each.
    pub transactions: u64,
    /// Writes that shared them.
    pub writes: u64,
    /// Writes that wait.
    pub queued_writes: usize,
    /// Reads that wait.
    pub queued_reads: usize,
}

impl SqliteStore {
    /// Opens a file, creates it if there is none, and brings an older schema up to date.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(config: SqliteConfig) -> Result<Self, OpenError> {
        let SqliteConfig { path, read_connections, busy_timeout, queue_capacity } = config;
        // Absolute, so that no name is special to SQLite (":memory:") and a change of the working
        // directory changes nothing.
        let path = match std::path::absolute(&path).and_then(|path| create_private_file(&path).map(|_| path))
        {
            Ok(path) => path,
            Err(source) => return Err(OpenError::Create { path, source }),
        };
        let refused = |source| OpenError::from_sqlite(&path, source);

        let mut writer = connection::open(&path, Access::Write, busy_timeout).map_err(refused)?;
        migrate::check_identity(&writer, &path)?;
        connection::use_write_ahead_log(&writer, &path, busy_timeout)?;
        connection::tune_writer(&writer).map_err(refused)?;
        migrate::migrate(&mut writer, &path)?;

        let readers = (0..read_connections.max(1))
            .map(|_| connection::open(&path, Access::Read, busy_timeout))
            .collect::<Result<Vec<_>, _>>()
            .map_err(refused)?;
        let readers = Readers::start(readers, queue_capacity).map_err(OpenError::Thread)?;
        let writer = Writer::start(writer, queue_capacity).map_err(OpenError::Thread)?;
        Ok(Self { database: Arc::new(Database::new(readers, writer)), path, busy_timeout })
    }

    /// The adapters over this store.
    #[must_use]
    pub fn adapters(&self) -> Adapters {
        let database = &self.database;
        Adapters {
            users: database.clone(),
            sessions: database.clone(),
            tokens: database.clone(),
            oauth_accounts: database.clone(),
            roles: database.clone(),
            passkeys: database.clone(),
            login_attempts: database.clone(),
            backend: database.clone(),
            signing_keys: database.clone(),
            outbox: database.clone(),
            plugin_kv: database.clone(),
            transactions: database.clone(),
        }
    }

    /// How much was done and what waits, for metrics.
    #[must_use]
    pub fn stats(&self) -> SqliteStats {
        let writer = self.database.writer();
        SqliteStats {
            transactions: writer.counters().transactions.load(Ordering::Relaxed),
            writes: writer.counters().jobs.load(Ordering::Relaxed),
            queued_writes: writer.queued(),
            queued_reads: self.database.readers().queued(),
        }
    }

    /// Writes a copy of the database as it is now to a new file, while it is in use. Holds up neither
    /// reads nor writes. Blocks: call it off the async workers.
    ///
    /// # Errors
    /// The file exists, or can't be written; what was written of it is removed.
    pub fn backup(&self, to: &Path) -> StoreResult<()> {
        backup::back_up(&self.path, to, self.busy_timeout)
    }

    /// Reads the whole file and lists what is wrong with it; an empty list says that all is well.
    /// Blocks: call it off the async workers.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn integrity_check(&self) -> StoreResult<Vec<String>> {
        backup::check_integrity(&self.path, self.busy_timeout)
    }
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}
