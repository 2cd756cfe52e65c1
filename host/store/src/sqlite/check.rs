//! Checking a database without opening it for use.

use std::path::Path;
use std::time::Duration;

use super::backup;
use super::connection::{self, Access};
use super::migrate;
use super::open_error::OpenError;
use super::store::SqliteStore;

/// How long to wait for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

impl SqliteStore {
    /// Reads a whole file and lists what is wrong with it; an empty list says that all is well. Neither
    /// creates the file nor brings its schema up to date. Blocks: call it off the async workers.
    ///
    /// # Errors
    /// The file is none that this version could open, or can't be read.
    pub fn check_file(path: &Path) -> Result<Vec<String>, OpenError> {
        let path = std::path::absolute(path)
            .map_err(|source| OpenError::Create { path: path.to_owned(), source })?;
        let refused = |source| OpenError::from_sqlite(&path, source);
        let connection = connection::open(&path, Access::Read, BUSY_TIMEOUT).map_err(refused)?;
        migrate::check_identity(&connection, &path)?;
        backup::problems(&connection).map_err(refused)
    }
}
