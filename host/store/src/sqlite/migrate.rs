//! Whether a file is ours, and bringing its schema up to date. Forward only.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::open_error::OpenError;

/// Step `n` leads from `user_version` n to n + 1. A step that was released is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_init.sql"),
    include_str!("migrations/0002_signing_keys.sql"),
    include_str!("migrations/0003_plugin_kv.sql"),
    include_str!("migrations/0004_passkey_backup.sql"),
];

/// The latest schema.
#[expect(clippy::cast_possible_wrap, reason = "a handful")]
const LATEST: i64 = MIGRATIONS.len() as i64;

/// "Hkgt", in the header of the file: marks it as ours, also for `file(1)`.
const APPLICATION_ID: i32 = 0x486B_6774;

/// Refuses a file that is not ours or too new for us, without changing it.
pub(super) fn check_identity(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let identity = read_identity(connection).map_err(|source| OpenError::from_sqlite(path, source))?;
    if identity.application_id != APPLICATION_ID && !identity.is_blank {
        return Err(OpenError::NotOurs { path: path.to_owned() });
    }
    if identity.version > LATEST {
        return Err(OpenError::TooNew { path: path.to_owned(), found: identity.version, known: LATEST });
    }
    Ok(())
}

/// Applies the steps that the file lacks, all or none.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    apply_missing(connection).map_err(|source| OpenError::from_sqlite(path, source))
}

fn apply_missing(connection: &mut Connection) -> rusqlite::Result<()> {
    if user_version(connection)? == LATEST {
        return Ok(());
    }
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    // Asked again: another process may have been faster.
    let applied = usize::try_from(user_version(&transaction)?).unwrap_or(0);
    for step in MIGRATIONS.iter().skip(applied) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", LATEST)?;
    transaction.commit()
}

struct Identity {
    application_id: i32,
    version: i64,
    is_blank: bool,
}

fn read_identity(connection: &Connection) -> rusqlite::Result<Identity> {
    // One view of the file: another process may be making it ours just now.
    let view = connection.unchecked_transaction()?;
    let application_id = view.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version = user_version(&view)?;
    let objects: i64 = view.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))?;
    view.finish()?;
    Ok(Identity { application_id, version, is_blank: application_id == 0 && version == 0 && objects == 0 })
}

fn user_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
