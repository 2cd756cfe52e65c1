//! Mails as files, for tests and for programs that pick them up.
//!
//! Each is a JSON object with the members `to`, `subject`, `body_html` and `body_text` (null if there is
//! none), in a file of its own that appears complete: `TIME-PROCESS-NUMBER.json`, TIME in milliseconds since
//! the Unix epoch, so that names sort by age.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use hookgate_core::adapters::{EmailMessage, EmailTransport, TransportError};

use super::{permanent, transient};

/// Writes mails into a folder, which is made with the first one.
#[derive(Debug)]
pub struct FileTransport {
    folder: PathBuf,
    written: AtomicU64,
}

impl FileTransport {
    /// Writes into this folder.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder, written: AtomicU64::new(0) }
    }

    fn next_name(&self) -> String {
        let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        format!("{age:013}-{:07}-{number:08}.json", std::process::id())
    }
}

#[async_trait]
impl EmailTransport for FileTransport {
    async fn send(&self, message: &EmailMessage) -> Result<(), TransportError> {
        let (folder, name) = (self.folder.clone(), self.next_name());
        let bytes = serde_json::to_vec_pretty(message).map_err(|error| permanent(error.to_string()))?;
        match tokio::task::spawn_blocking(move || put(&folder, &name, &bytes)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(transient(format!("{}: {error}", self.folder.display()))),
            Err(error) => Err(transient(error.to_string())),
        }
    }
}

/// Writes a file aside, for its owner alone (mails hold links that sign in), and renames it.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let aside = folder.join(format!(".{name}.part"));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&aside, folder.join(name)));
    if written.is_err() {
        // What is left half-written is of no use; that it can't be removed adds nothing to the error.
        drop(fs::remove_file(&aside));
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(subject: &str) -> EmailMessage {
        EmailMessage {
            to: "ada@example.com".to_owned(),
            subject: subject.to_owned(),
            body_html: "<p>hello</p>".to_owned(),
            body_text: None,
        }
    }

    #[tokio::test]
    async fn mails_are_complete_files_in_order_for_the_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let transport = FileTransport::new(folder.path().join("new/mails"));
        for subject in ["first", "second", "third"] {
            transport.send(&message(subject)).await.expect("sent");
        }
        let mut files: Vec<_> = fs::read_dir(folder.path().join("new/mails"))
            .expect("made")
            .map(|e| e.expect("one").path())
            .collect();
        files.sort();
        let subjects: Vec<_> = files
            .iter()
            .map(|path| serde_json::from_slice::<EmailMessage>(&fs::read(path).expect("read")).expect("JSON"))
            .map(|mail| mail.subject)
            .collect();
        assert_eq!(subjects, ["first", "second", "third"]);
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&files[0]).expect("there").permissions());
        assert_eq!(mode & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_is_a_transient_error() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let error =
            FileTransport::new(file.path().to_owned()).send(&message("x")).await.expect_err("no folder");
        assert!(error.is_transient);
        assert!(error.reason.contains(&file.path().display().to_string()), "{}", error.reason);
    }
}
