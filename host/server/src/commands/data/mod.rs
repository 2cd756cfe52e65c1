//! `hookgate backup`, `export`, `import`: all the data at once.

mod backup;
mod export;
mod import;

pub(crate) use backup::{BackupArgs, backup};
pub(crate) use export::{ExportArgs, export};
pub(crate) use import::{ImportArgs, import};

/// How many users are read at once.
const PAGE: usize = 500;
