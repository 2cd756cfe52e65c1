//! Opening one connection, with the settings that every connection needs.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::open_error::OpenError;

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Changes rows.
    Write,
    /// Reads only, and is held to it.
    Read,
}

/// Opens the file, which must exist.
pub(super) fn open(path: &Path, access: Access, busy_timeout: Duration) -> rusqlite::Result<Connection> {
    // No NOFOLLOW (a link to the real place is the operator's right), no URI (a path is a path), and no
    // mutex, since every connection stays on one thread.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(busy_timeout)?;
    // More than there are statements in this crate, so that each is prepared once.
    connection.set_prepared_statement_cache_capacity(128);
    // Neither the schema nor a statement may do what an application has no need of.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // On macOS a plain fsync does not reach the disk.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // 16 MiB each.
    connection.pragma_update(None, "cache_size", -16_384)?;
    if access == Access::Read {
        // Not opened read-only: such a connection could not restore the log after a crash.
        connection.pragma_update(None, "query_only", true)?;
    }
    Ok(connection)
}

/// Switches the file to a write-ahead log, for good.
pub(super) fn use_write_ahead_log(
    connection: &Connection,
    path: &Path,
    busy_timeout: Duration,
) -> Result<(), OpenError> {
    let give_up = Instant::now() + busy_timeout;
    let mode = loop {
        match connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0)) {
            Ok(mode) => break mode,
            // SQLite does not wait by itself when two processes switch the same new file.
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && Instant::now() < give_up =>
            {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(source) => return Err(OpenError::from_sqlite(path, source)),
        }
    };
    if mode != "wal" {
        return Err(OpenError::NoWriteAheadLog { path: path.to_owned(), offered: mode });
    }
    Ok(())
}

/// What belongs to the connection that writes: how large the log may get.
pub(super) fn tune_writer(connection: &Connection) -> rusqlite::Result<()> {
    // In pages of 4 KiB: moving the log into the database costs two syncs, so not too often.
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    // What a long read made it grow to is given back afterwards.
    connection.pragma_update_and_check(None, "journal_size_limit", 64 << 20, |_| Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    // SQLite ignores a setting that it does not understand, so what counts is what it says afterwards.
    fn setting(connection: &Connection, name: &str) -> i64 {
        connection.pragma_query_value(None, name, |row| row.get(0)).expect("a setting can be read")
    }

    #[test]
    fn every_connection_is_set_up_for_durability() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for (access, query_only) in [(Access::Write, 0), (Access::Read, 1)] {
            let connection = open(file.path(), access, Duration::from_millis(1234)).expect("it opens");
            let full = 2;
            assert_eq!(setting(&connection, "synchronous"), full);
            assert_eq!(setting(&connection, "fullfsync"), 1);
            assert_eq!(setting(&connection, "foreign_keys"), 1);
            assert_eq!(setting(&connection, "busy_timeout"), 1234);
            assert_eq!(setting(&connection, "trusted_schema"), 0);
            assert_eq!(setting(&connection, "query_only"), query_only);
        }
    }
}
