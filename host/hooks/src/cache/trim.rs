//! Keeps the cache small: what plugins use stays, of the rest the oldest goes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::plugin::digest::Digest;

/// What the names of unfinished files begin with.
pub(super) const TEMPORARY: &str = ".incoming-";
/// Nobody writes for so long; whoever did was killed.
const ABANDONED: Duration = Duration::from_secs(3600);

struct Kept {
    path: PathBuf,
    size: u64,
    used: SystemTime,
    is_needed: bool,
}

/// Removes files until at most `max_bytes` are left, the needed ones not counted as removable.
pub(super) fn trim(dir: &Path, max_bytes: u64, in_use: &[Digest]) -> io::Result<()> {
    let in_use: Vec<String> = in_use.iter().map(Digest::to_string).collect();
    let mut kept = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let (name, metadata) = (entry.file_name(), entry.metadata()?);
        let (name, used) = (name.to_string_lossy(), metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH));
        if name.starts_with(TEMPORARY) {
            if used.elapsed().is_ok_and(|age| age > ABANDONED) {
                fs::remove_file(entry.path())?;
            }
            continue;
        }
        let is_needed = in_use.iter().any(|digest| name.starts_with(digest));
        kept.push(Kept { path: entry.path(), size: metadata.len(), used, is_needed });
    }
    let mut total: u64 = kept.iter().map(|file| file.size).sum();
    kept.retain(|file| !file.is_needed);
    kept.sort_by_key(|file| file.used);
    for file in kept {
        if total <= max_bytes {
            break;
        }
        fs::remove_file(&file.path)?;
        total = total.saturating_sub(file.size);
    }
    Ok(())
}
