//! The door to the file: reads go to the readers, changes to the writer.

use hookgate_core::adapters::StoreResult;
use rusqlite::Connection;

use super::apply_error::Applied;
use super::readers::Readers;
use super::writer::Writer;

/// An open database. Every adapter trait is implemented on it, each in the file of its noun.
pub(super) struct Database {
    // Dropped in this order: once nobody reads, the writer can empty the log.
    readers: Readers,
    writer: Writer,
}

impl Database {
    pub(super) const fn new(readers: Readers, writer: Writer) -> Self {
        Self { readers, writer }
    }

    /// Reads, off the async workers.
    pub(super) async fn read<T, F>(&self, read: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.readers.run(read).await
    }

    /// Writes what needs an answer beyond "done".
    pub(super) async fn write<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Applied<T> + Send + 'static,
    {
        self.writer.run(work).await
    }

    pub(super) const fn readers(&self) -> &Readers {
        &self.readers
    }

    pub(super) const fn writer(&self) -> &Writer {
        &self.writer
    }
}
