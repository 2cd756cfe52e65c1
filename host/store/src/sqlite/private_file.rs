//! Files that only their owner may read.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

/// Creates an empty file that only its owner may read; false if there is one of that name. SQLite gives
/// the files beside it (`-wal`, `-shm`) the same rights.
pub(super) fn create_private_file(path: &Path) -> io::Result<bool> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}
