//! A disk that takes nothing: said once when it begins and once when it is over, however many changes it fails.

use rusqlite::ErrorCode;

/// Whether the database can be written, as far as is known.
#[derive(Default)]
pub(super) struct Trouble {
    began: bool,
    failed: usize,
}

impl Trouble {
    /// Changes failed by an error that is none of their own.
    pub(super) fn goes_on(&mut self, error: &rusqlite::Error, changes: usize) {
        self.failed += changes;
        if !std::mem::replace(&mut self.began, true) {
            tracing::error!(%error, "the database can't be written: what changes nothing is served on");
        }
    }

    /// Something was written.
    pub(super) fn is_over(&mut self) {
        if std::mem::take(&mut self.began) {
            let failed = std::mem::take(&mut self.failed);
            tracing::warn!(failed, "the database can be written again");
        }
    }
}

/// Whether an error is the disk's, and not that of the one statement.
pub(super) fn is_of_the_disk(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    code.is_some_and(|code| {
        matches!(
            code,
            ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
        )
    })
}
