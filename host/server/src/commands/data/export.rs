//! `hookgate export`

use std::fs::OpenOptions;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::PAGE;
use crate::commands::CommandError;
use crate::commands::operator::{self, Desk, IfMissing, Place};

/// The arguments of `export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    place: Place,
    /// The file to write, which must not exist, or `-` for standard output
    file: PathBuf,
    /// Write password hashes too, so that an import can take them over
    #[arg(long)]
    with_hashes: bool,
}

/// Writes every user as one line of JSON.
pub(crate) fn export(args: ExportArgs) -> Result<(), CommandError> {
    let ExportArgs { place, file, with_hashes } = args;
    operator::run(async move {
        let desk = Desk::open(&place, IfMissing::Refuse).await?;
        if file == Path::new("-") {
            let out = BufWriter::new(io::stdout().lock());
            let count = write(&desk, with_hashes, out).await?;
            desk.remark(&format!("{count} users were exported"));
            return Ok(());
        }
        let written = match create(&file) {
            Ok(out) => write(&desk, with_hashes, BufWriter::new(out)).await,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(CommandError::Refused(format!(
                    "{} exists, and an export never overwrites",
                    file.display()
                )));
            }
            Err(error) => return Err(CommandError::Refused(format!("{}: {error}", file.display()))),
        };
        let count = written.inspect_err(|_| {
            // Half an export is worse than none.
            if let Err(error) = std::fs::remove_file(&file) {
                eprintln!("hookgate: the unfinished {} can't be removed: {error}", file.display());
            }
        })?;
        desk.answer(&json!({"exported": count}), || format!("{count} users were exported"))
    })
}

/// For the owner's eyes: there may be hashes in it.
fn create(file: &Path) -> io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

async fn write(desk: &Desk, with_hashes: bool, mut out: impl Write) -> Result<usize, CommandError> {
    let mut count = 0;
    let mut after = None;
    loop {
        let users = desk.operator.list_users(after.as_deref(), PAGE).await?;
        let Some(last) = users.last() else { break };
        after = Some(last.id.to_string());
        for user in users {
            let record = desk.operator.user_record(user, with_hashes).await?;
            serde_json::to_writer(&mut out, &record).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
            count += 1;
        }
    }
    out.flush()?;
    Ok(count)
}
