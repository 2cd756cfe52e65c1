//! The data folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder can't be used.
#[derive(Debug, thiserror::Error)]
#[error("data folder {}: {source}", path.display())]
pub(crate) struct DataDirError {
    path: PathBuf,
    source: io::Error,
}

/// Makes a folder that its owner alone may enter, unless it is there, and checks that it is writable.
pub(crate) fn ensure(path: &Path) -> Result<(), DataDirError> {
    make(path).and_then(|()| probe(path)).map_err(|source| DataDirError { path: path.to_owned(), source })
}

/// Whether [`ensure`] would succeed, without leaving a trace: for a folder that is not there, whether
/// the nearest one above it that is there is writable.
pub(crate) fn check(path: &Path) -> Result<(), DataDirError> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let existing = absolute.ancestors().find(|folder| folder.exists()).unwrap_or(&absolute);
    probe(existing).map_err(|source| DataDirError { path: path.to_owned(), source })
}

fn make(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn probe(path: &Path) -> io::Result<()> {
    if !path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "not a folder"));
    }
    let file = path.join(format!(".writable-{}", std::process::id()));
    fs::write(&file, [])?;
    fs::remove_file(&file)
}
