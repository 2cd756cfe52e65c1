//! Copying the database while it is in use, and checking it.

use std::io;
use std::path::Path;
use std::time::Duration;

use hookgate_core::adapters::{StoreError, StoreResult};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::connection::{self, Access};
use super::private_file::create_private_file;

/// Writes a copy of the database `from` as it is now to the new file `to`.
pub(super) fn back_up(from: &Path, to: &Path, busy_timeout: Duration) -> StoreResult<()> {
    if !create_private_file(to).map_err(StoreError::unavailable)? {
        // Never over an older backup: a mistyped name must not cost it.
        let exists = io::Error::new(io::ErrorKind::AlreadyExists, format!("{} exists", to.display()));
        return Err(StoreError::unavailable(exists));
    }
    copy(from, to, busy_timeout).map_err(|error| {
        // Half a backup is worse than none.
        if let Err(error) = std::fs::remove_file(to) {
            tracing::warn!(%error, path = %to.display(), "the unfinished backup can't be removed");
        }
        StoreError::unavailable(error)
    })
}

fn copy(from: &Path, to: &Path, busy_timeout: Duration) -> rusqlite::Result<()> {
    let source = connection::open(from, Access::Read, busy_timeout)?;
    let mut copy = connection::open(to, Access::Write, busy_timeout)?;
    // All pages in one step: a read transaction, which holds up no writer. In several steps the copy
    // would begin anew whenever somebody writes.
    match Backup::new(&source, &mut copy)?.step(-1)? {
        StepResult::Done => Ok(()),
        _ => Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
            Some("the database is locked by another process".to_owned()),
        )),
    }
}

/// What is wrong with the file, one line each; nothing if all is well.
pub(super) fn check_integrity(path: &Path, busy_timeout: Duration) -> StoreResult<Vec<String>> {
    connection::open(path, Access::Read, busy_timeout)
        .and_then(|connection| problems(&connection))
        .map_err(StoreError::unavailable)
}

/// The same over an open connection.
pub(super) fn problems(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut problems = connection
        .prepare("PRAGMA integrity_check")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    problems.retain(|line| line != "ok");
    let orphans = connection
        .prepare("PRAGMA foreign_key_check")?
        .query_map([], |row| {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            Ok(format!("a row of {table} refers to a row of {parent} that is not there"))
        })?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    problems.extend(orphans);
    Ok(problems)
}
