//! The last generations on disk: what served, by digest, so that a start knows the last good version of
//! every plugin and an operator can go back.
//!
//! Everything is written aside, brought down to the disk and then renamed; what a record names was
//! written before it. So `kill -9` at any moment leaves a whole archive. If it can't be written the
//! server serves on and says so once.

mod record;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::cache::{private_folder, write_aside};
use crate::folder::decisions::Decisions;
use crate::inspect::hashed_file::HashedFile;
use crate::plugin::digest::Digest;

pub use record::Record;

const DECISIONS: &str = "decisions.json";
const LOCK: &str = "lock";
const TEMPORARY: &str = ".incoming-";

/// A folder of generations. Cheap to clone.
#[derive(Clone)]
pub struct Archive(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    keep: usize,
    /// Whether writing has failed, which is said once.
    in_trouble: AtomicBool,
    counter: AtomicU64,
}

impl Archive {
    /// An archive in a folder, which is made when there is something to keep: the last `keep`
    /// generations.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, keep: usize) -> Self {
        Self(Arc::new(Inner {
            dir: dir.into(),
            keep: keep.max(1),
            in_trouble: AtomicBool::new(false),
            counter: AtomicU64::new(0),
        }))
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    /// The generations that are kept, the newest first. Blocks. What can't be read is left out.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        let names =
            fs::read_dir(&self.0.dir).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        let mut records: Vec<Record> = names
            .filter(|path| Record::number_of(path).is_some())
            .filter_map(|path| {
                let read = fs::read(&path).and_then(|bytes| Ok(serde_json::from_slice(&bytes)?));
                read.inspect_err(|error| {
                    tracing::warn!(file = %path.display(), %error, "a generation's record can't be read");
                })
                .ok()
            })
            .collect();
        records.sort_by_key(|record| std::cmp::Reverse(record.number));
        records
    }

    /// Keeps a component's bytes. Blocks.
    pub(crate) fn keep_component(&self, component: &HashedFile) {
        let path = self.component_path(component.digest());
        let is_kept = fs::metadata(&path).is_ok_and(|file| file.len() == component.bytes().len() as u64);
        if !is_kept {
            self.noted(self.write(&path, component.bytes()));
        }
    }

    /// A component that was kept. Blocks.
    ///
    /// # Errors
    /// It is not there any more, or not what it was.
    pub(crate) fn component(&self, digest: Digest) -> io::Result<HashedFile> {
        let component = HashedFile::new(fs::read(self.component_path(digest))?);
        if component.digest() != digest {
            return Err(io::Error::other("the kept component is damaged"));
        }
        Ok(component)
    }

    /// Keeps a generation, and forgets those that are too old. Blocks.
    pub(crate) fn append(&self, record: &Record) {
        let path = self.0.dir.join(record.file());
        let written = serde_json::to_vec_pretty(record)
            .map_err(io::Error::from)
            .and_then(|text| self.write(&path, &text));
        if self.noted(written) {
            self.prune();
        }
    }

    /// What the operator decided. Blocks. A file that can't be read decides nothing, loudly.
    #[must_use]
    pub fn decisions(&self) -> Decisions {
        let path = self.0.dir.join(DECISIONS);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::error!(
                    file = %path.display(), %error,
                    "what was disabled or rolled back is not known any more: the plugin folder decides"
                );
                Decisions::default()
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Decisions::default(),
            Err(error) => {
                tracing::error!(file = %path.display(), %error, "what was disabled or rolled back can't be read");
                Decisions::default()
            }
        }
    }

    /// Changes what the operator decided, and answers what holds now. Blocks. Of several processes one
    /// waits for the other.
    ///
    /// # Errors
    /// It can't be written; then nothing has changed.
    pub(crate) fn decide(&self, change: impl FnOnce(&mut Decisions)) -> io::Result<Decisions> {
        private_folder(&self.0.dir)?;
        let lock = File::options().create(true).truncate(false).write(true).open(self.0.dir.join(LOCK))?;
        lock.lock()?;
        let mut decisions = self.decisions();
        let before = decisions.clone();
        change(&mut decisions);
        if decisions != before {
            self.write(&self.0.dir.join(DECISIONS), &serde_json::to_vec_pretty(&decisions)?)?;
        }
        Ok(decisions)
    }

    fn component_path(&self, digest: Digest) -> PathBuf {
        self.0.dir.join("components").join(format!("{digest}.wasm"))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.0.dir);
        private_folder(folder)?;
        let number = self.0.counter.fetch_add(1, Ordering::Relaxed);
        let aside = folder.join(format!("{TEMPORARY}{}-{number}", std::process::id()));
        let written = write_aside(&aside, &[bytes])
            .and_then(|()| fs::rename(&aside, path))
            // The name has to be on the disk as well as the bytes.
            .and_then(|()| File::open(folder)?.sync_all());
        if written.is_err() {
            drop(fs::remove_file(&aside));
        }
        written
    }

    /// Whether it went well; trouble is said once.
    fn noted(&self, written: io::Result<()>) -> bool {
        match written {
            Ok(()) => {
                self.0.in_trouble.store(false, Ordering::Relaxed);
                true
            }
            Err(error) => {
                if !self.0.in_trouble.swap(true, Ordering::Relaxed) {
                    tracing::error!(
                        archive = %self.0.dir.display(), %error,
                        "generations can't be kept: a restart or a roll-back will not know them"
                    );
                }
                false
            }
        }
    }

    /// Removes the records beyond the last ones, and the components that no record names.
    fn prune(&self) {
        let records = self.records();
        let (kept, old) = records.split_at(records.len().min(self.0.keep));
        for record in old {
            drop(fs::remove_file(self.0.dir.join(record.file())));
        }
        let decisions = self.decisions();
        let needed: BTreeSet<String> = kept
            .iter()
            .flat_map(|record| record.plugins.values())
            .chain(decisions.held.values().filter_map(|hold| hold.serve.as_ref()))
            .map(|version| format!("{}.wasm", version.digest))
            .collect();
        for entry in fs::read_dir(self.0.dir.join("components")).into_iter().flatten().filter_map(Result::ok)
        {
            let name = entry.file_name();
            // A component is written before the record that names it, so young ones may be awaited.
            let is_old = entry
                .metadata()
                .and_then(|file| file.modified())
                .is_ok_and(|at| at.elapsed().is_ok_and(|age| age.as_secs() > 600));
            if is_old && !needed.contains(&*name.to_string_lossy()) {
                drop(fs::remove_file(entry.path()));
            }
        }
    }
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive").field("dir", &self.0.dir).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: u64) -> Record {
        Record {
            number,
            made_at_ms: 0,
            cause: "test".to_owned(),
            restores: None,
            plugins: Default::default(),
        }
    }

    #[test]
    fn the_last_generations_are_kept_in_order() {
        let dir = tempfile::tempdir().expect("a folder");
        let archive = Archive::new(dir.path().join("generations"), 3);
        assert_eq!(archive.records(), []);
        for number in 1..=12 {
            archive.append(&record(number));
        }
        let numbers: Vec<u64> = archive.records().iter().map(|record| record.number).collect();
        assert_eq!(numbers, [12, 11, 10]);
    }

    #[test]
    fn a_damaged_component_or_record_is_not_used() {
        let dir = tempfile::tempdir().expect("a folder");
        let archive = Archive::new(dir.path(), 3);
        let digest = Digest::of(b"component");
        archive.keep_component(&HashedFile::new(&b"component"[..]));
        assert_eq!(archive.component(digest).expect("kept").bytes(), &b"component"[..]);
        fs::write(archive.component_path(digest), b"c0mponent").expect("written");
        assert!(archive.component(digest).is_err());
        archive.append(&record(1));
        fs::write(dir.path().join(record(2).file()), b"{ half").expect("written");
        assert_eq!(archive.records().len(), 1);
    }

    #[test]
    fn decisions_stay() {
        let dir = tempfile::tempdir().expect("a folder");
        let archive = Archive::new(dir.path().join("generations"), 3);
        assert_eq!(archive.decisions(), Decisions::default());
        let decided = archive.decide(|decisions| {
            decisions.disabled.insert("gate".to_owned());
        });
        assert!(decided.expect("written").disabled.contains("gate"));
        assert!(archive.decisions().disabled.contains("gate"));
        fs::write(dir.path().join("generations").join(DECISIONS), b"nonsense").expect("written");
        assert_eq!(archive.decisions(), Decisions::default());
    }
}
