//! Machine code that is kept between starts.
//!
//! To run foreign machine code is to give the process away, so every entry carries a MAC whose key comes
//! from the server's secret, and what is run is the very copy that was verified: an entry that changes
//! afterwards changes nothing. Whatever is wrong with the cache costs time and one line in the log, never
//! a plugin.

mod entry;
#[cfg(target_os = "linux")]
mod sealed;
mod trim;

use std::fs::{self, File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Read as _, Take, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use crate::plugin::digest::Digest;
use entry::{HEADER, Verifier};
#[cfg(target_os = "linux")]
pub(crate) use sealed::SealedFile;

/// Larger files are not even read.
const MAX_ENTRY: u64 = 1 << 30;

/// A folder of machine code. Cheap to clone.
#[derive(Clone)]
pub struct CodeCache(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    key: [u8; 32],
    max_bytes: u64,
    /// Whether writing has failed, which is said once.
    in_trouble: AtomicBool,
    /// Tells the temporary files of this process apart.
    counter: AtomicU64,
}

/// What an entry was made from, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryKey {
    pub(crate) kind: Kind,
    pub(crate) digest: Digest,
    /// Of everything that the result depends on beside the bytes.
    pub(crate) maker: [u8; 32],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Machine code from a component.
    Code,
    /// A component from a core module.
    Component,
}

impl EntryKey {
    pub(crate) fn new(kind: Kind, digest: Digest, maker: impl Hash) -> Self {
        let mut hasher = Sha256Hasher(Sha256::new());
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        maker.hash(&mut hasher);
        Self { kind, digest, maker: hasher.0.finalize().into() }
    }

    /// The digest comes first, so that one can see what belongs to which plugin.
    fn file(&self) -> String {
        let maker: String = self.maker[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{maker}.{}", self.digest, self.kind.ending())
    }
}

impl Kind {
    const fn ending(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Component => "component",
        }
    }
}

/// The standard library's own hashers are neither wide nor the same everywhere.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest: [u8; 32] = self.0.clone().finalize().into();
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

impl CodeCache {
    /// A cache in a folder, which is made when there is something to keep. `secret` is the server's: a
    /// cache with another one is as good as empty. Of what no plugin needs no more than `max_bytes` stays.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, secret: &[u8], max_bytes: u64) -> Self {
        Self(Arc::new(Inner {
            dir: dir.into(),
            key: entry::key(secret),
            max_bytes,
            in_trouble: AtomicBool::new(false),
            counter: AtomicU64::new(0),
        }))
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    /// What is kept, if it is there and nobody has touched it. Blocks.
    pub(crate) fn get(&self, key: &EntryKey) -> Option<Vec<u8>> {
        let path = self.path(key);
        let whole = |file: &mut Take<File>, verifier: &mut Verifier| {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            verifier.see(&bytes);
            Ok(bytes)
        };
        match self.read(&path, key, whole) {
            Ok(payload) => Some(payload),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(
                    entry = %path.display(), %error,
                    "an entry of the plugin cache is not used: it is made anew"
                );
                drop(fs::remove_file(&path));
                None
            }
        }
    }

    /// The same as a file that nobody can change. None as well where the system makes none such: [`Self::get`] says what
    /// is wrong with an entry. Blocks.
    #[cfg(target_os = "linux")]
    pub(crate) fn get_sealed(&self, key: &EntryKey) -> Option<SealedFile> {
        self.read(&self.path(key), key, |file, verifier| SealedFile::copy(file, |piece| verifier.see(piece)))
            .inspect_err(|error| tracing::debug!(%error, "an entry of the plugin cache is not sealed"))
            .ok()
    }

    fn path(&self, key: &EntryKey) -> PathBuf {
        self.0.dir.join(key.file())
    }

    /// How large an entry's payload is, if there is one.
    #[cfg(target_os = "linux")]
    pub(crate) fn size(&self, key: &EntryKey) -> u64 {
        let metadata = fs::symlink_metadata(self.path(key));
        metadata.map_or(0, |metadata| metadata.len().saturating_sub(HEADER as u64))
    }

    fn read<T>(
        &self,
        path: &Path,
        key: &EntryKey,
        read: impl FnOnce(&mut Take<File>, &mut Verifier) -> io::Result<T>,
    ) -> io::Result<T> {
        // Not followed, and a pipe would be waited for.
        if !fs::symlink_metadata(path)?.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        let mut file = File::open(path)?.take(MAX_ENTRY);
        let mut header = [0; HEADER];
        let mut verifier = Verifier::new(&self.0.key, key);
        // One that is cut short has no header, or another payload.
        let payload = match file.read_exact(&mut header) {
            Ok(()) => read(&mut file, &mut verifier)?,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(damaged()),
            Err(error) => return Err(error),
        };
        if !verifier.accepts(&header) {
            return Err(damaged());
        }
        // What was used last goes last.
        drop(File::options().append(true).open(path).and_then(|file| file.set_modified(SystemTime::now())));
        Ok(payload)
    }

    /// Keeps something. Blocks. What can't be kept is made anew next time.
    pub(crate) fn put(&self, key: &EntryKey, payload: &[u8]) {
        match self.write(key, payload) {
            Ok(()) => self.0.in_trouble.store(false, Ordering::Relaxed),
            Err(error) if !self.0.in_trouble.swap(true, Ordering::Relaxed) => tracing::warn!(
                cache = %self.0.dir.display(), %error,
                "the plugin cache can't be written: plugins are compiled at every start"
            ),
            Err(_) => {}
        }
    }

    fn write(&self, key: &EntryKey, payload: &[u8]) -> io::Result<()> {
        private_folder(&self.0.dir)?;
        let number = self.0.counter.fetch_add(1, Ordering::Relaxed);
        let aside = self.0.dir.join(format!("{}{}-{number}", trim::TEMPORARY, std::process::id()));
        let header = entry::header(&self.0.key, key, payload);
        let written =
            write_aside(&aside, &[&header, payload]).and_then(|()| fs::rename(&aside, self.path(key)));
        if written.is_err() {
            drop(fs::remove_file(&aside));
        }
        written
    }

    /// Removes what was not used for longest and is of none of these plugins, until the rest fits. Blocks.
    pub fn trim(&self, in_use: &[Digest]) {
        if let Err(error) = trim::trim(&self.0.dir, self.0.max_bytes, in_use) {
            tracing::debug!(%error, "the plugin cache is not tidied up");
        }
    }
}

fn damaged() -> io::Error {
    io::Error::other("it is damaged, or from a server with another secret")
}

impl std::fmt::Debug for CodeCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeCache").field("dir", &self.0.dir).finish_non_exhaustive()
    }
}

/// Makes a folder for its owner alone.
pub(crate) fn private_folder(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Writes a new file for its owner alone, down to the disk.
pub(crate) fn write_aside(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> EntryKey {
        EntryKey::new(Kind::Code, Digest::of(text.as_bytes()), "this engine")
    }

    fn path(cache: &CodeCache, key: &EntryKey) -> PathBuf {
        cache.path(key)
    }

    #[cfg(target_os = "linux")]
    fn is_sealed(cache: &CodeCache, key: &EntryKey) -> bool {
        cache.get_sealed(key).is_some()
    }

    #[cfg(not(target_os = "linux"))]
    fn is_sealed(_: &CodeCache, _: &EntryKey) -> bool {
        false
    }

    #[test]
    fn what_is_kept_is_found_again_and_by_nobody_else() {
        let dir = tempfile::tempdir().expect("a folder");
        let cache = CodeCache::new(dir.path().join("cache"), b"secret", 1 << 20);
        assert_eq!(cache.get(&key("a")), None);
        cache.put(&key("a"), b"code of a");
        assert_eq!(cache.get(&key("a")).as_deref(), Some(&b"code of a"[..]));
        #[cfg(target_os = "linux")]
        {
            let sealed = cache.get_sealed(&key("a")).expect("an entry");
            assert_eq!(fs::read(sealed.path()).expect("readable"), b"code of a");
        }
        assert_eq!(cache.get(&EntryKey::new(Kind::Code, Digest::of(b"a"), "another engine")), None);
        let other = CodeCache::new(dir.path().join("cache"), b"another secret", 1 << 20);
        assert_eq!(other.get(&key("a")), None);
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let dir = tempfile::tempdir().expect("a folder");
        let cache = CodeCache::new(dir.path(), b"secret", 1 << 20);
        cache.put(&key("a"), b"code");
        let good = fs::read(path(&cache, &key("a"))).expect("an entry");
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            for bytes in [&bad[..], &good[..at]] {
                fs::write(path(&cache, &key("a")), bytes).expect("written");
                assert!(!is_sealed(&cache, &key("a")), "{at}");
                assert_eq!(cache.get(&key("a")), None, "{at}");
                assert!(!path(&cache, &key("a")).exists(), "a bad entry is removed");
            }
        }
    }

    #[test]
    fn an_entry_under_another_name_is_no_entry() {
        let dir = tempfile::tempdir().expect("a folder");
        let cache = CodeCache::new(dir.path(), b"secret", 1 << 20);
        cache.put(&key("a"), b"code of a");
        fs::rename(path(&cache, &key("a")), path(&cache, &key("b"))).expect("renamed");
        assert_eq!(cache.get(&key("b")), None);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed_and_pipes_not_waited_for() {
        let dir = tempfile::tempdir().expect("a folder");
        let cache = CodeCache::new(dir.path(), b"secret", 1 << 20);
        cache.put(&key("a"), b"code of a");
        std::os::unix::fs::symlink(path(&cache, &key("a")), path(&cache, &key("b"))).expect("a link");
        assert!(!is_sealed(&cache, &key("b")));
        assert_eq!(cache.get(&key("b")), None);
        let pipe = path(&cache, &key("c"));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        assert!(!is_sealed(&cache, &key("c")));
        assert_eq!(cache.get(&key("c")), None);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_no_error() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("cache"), b"a file").expect("written");
        let cache = CodeCache::new(dir.path().join("cache"), b"secret", 1 << 20);
        cache.put(&key("a"), b"code");
        assert_eq!(cache.get(&key("a")), None);
    }

    #[test]
    fn what_no_plugin_uses_goes_first_and_the_oldest_of_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let cache = CodeCache::new(dir.path(), b"secret", 2500);
        for (age, name) in [(40, "used"), (30, "old"), (20, "newer"), (10, "newest")] {
            cache.put(&key(name), &[0; 1000]);
            let at = SystemTime::now() - std::time::Duration::from_secs(age);
            let file = File::options().append(true).open(path(&cache, &key(name))).expect("an entry");
            file.set_modified(at).expect("a time");
        }
        cache.trim(&[key("used").digest]);
        let kept = ["used", "old", "newer", "newest"].map(|name| path(&cache, &key(name)).exists());
        assert_eq!(kept, [true, false, false, true]);
    }

    #[test]
    fn what_writers_left_behind_is_removed_in_time() {
        let dir = tempfile::tempdir().expect("a folder");
        let cache = CodeCache::new(dir.path(), b"secret", 1 << 20);
        let (old, new) = (dir.path().join(".incoming-1-1"), dir.path().join(".incoming-2-1"));
        for file in [&old, &new] {
            fs::write(file, b"half").expect("written");
        }
        let long_ago = SystemTime::now() - std::time::Duration::from_secs(7200);
        File::options().append(true).open(&old).and_then(|f| f.set_modified(long_ago)).expect("a time");
        cache.trim(&[]);
        assert_eq!((old.exists(), new.exists()), (false, true));
    }
}
