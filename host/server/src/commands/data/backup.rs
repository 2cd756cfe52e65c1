//! `hookgate backup`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::commands::CommandError;
use crate::commands::operator::{self, Desk, IfMissing, Place};

/// The arguments of `backup`.
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    place: Place,
    /// The file to write; it must not exist
    file: PathBuf,
}

/// Copies the database as it is now, also while a server uses it.
pub(crate) fn backup(args: BackupArgs) -> Result<(), CommandError> {
    let BackupArgs { place, file } = args;
    operator::run(async move {
        // Said before anything is opened, and more plainly than the store would.
        if file.symlink_metadata().is_ok() {
            return Err(CommandError::Refused(format!(
                "{} exists, and a backup never overwrites",
                file.display()
            )));
        }
        let desk = Desk::open(&place, IfMissing::Refuse).await?;
        if let Some(store) = &desk.store {
            store.backup(&file)?;
        }
        let bytes = std::fs::metadata(&file)?.len();
        desk.answer(&json!({"file": file.display().to_string(), "bytes": bytes}), || {
            format!("{}: {bytes} bytes", file.display())
        })
    })
}
