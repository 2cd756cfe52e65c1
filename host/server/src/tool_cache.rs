//! Where the author's tools keep machine code, so that `plugin test` need not compile again what `plugin build` has just
//! checked: in the user's own cache folder, under a key of its own.
//!
//! Whoever can write there with the key decides what this program runs, so both must be the very user's. Where
//! anything is not as it should be, nothing is kept.

use std::env;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use hookgate_hooks::CodeCache;

const KEY_BYTES: usize = 32;
/// A dozen versions of a plugin with a large engine.
const MAX_BYTES: u64 = 512 << 20;

/// The cache of the user who runs this; none if there is no place for it.
pub(crate) fn tool_cache() -> Option<CodeCache> {
    let dir = folder()?;
    match key(&dir) {
        Ok(key) => Some(CodeCache::new(dir, &key, MAX_BYTES)),
        Err(error) => {
            tracing::debug!(%error, "machine code is not kept");
            None
        }
    }
}

fn folder() -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(base.join("hookgate"))
}

/// Reads the key, or makes one.
fn key(dir: &Path) -> io::Result<[u8; KEY_BYTES]> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let user = user(dir)?;
    let path = dir.join("key");
    let is_private = |path: &Path, strangers: u32| {
        fs::symlink_metadata(path).map(|found| found.uid() == user && found.mode() & strangers == 0)
    };
    if !is_private(dir, 0o022)? {
        return Err(io::Error::other("the folder is open to others"));
    }
    if let Err(error) = make_key(&path)
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(error);
    }
    if !is_private(&path, 0o077)? {
        return Err(io::Error::other("the key is open to others"));
    }
    let mut key = [0; KEY_BYTES];
    File::open(path)?.read_exact(&mut key)?;
    Ok(key)
}

/// Aside and then linked into place, so that nobody reads half of it and the first one stays.
fn make_key(path: &Path) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Ok(());
    }
    let aside = path.with_extension(std::process::id().to_string());
    let key: [u8; KEY_BYTES] = rand::random();
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    let done = file.write_all(&key).and_then(|()| fs::hard_link(&aside, path));
    drop(fs::remove_file(&aside));
    done
}

/// Who runs this: what is made now is theirs.
fn user(dir: &Path) -> io::Result<u32> {
    let probe = dir.join(format!("user.{}", std::process::id()));
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&probe)?;
    let user = file.metadata().map(|made| made.uid());
    drop(fs::remove_file(&probe));
    user
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_for_its_user_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("cache/hookgate");
        let first = key(&dir).expect("a key");
        assert_eq!(key(&dir).expect("the key"), first);
        assert_ne!(first, [0; KEY_BYTES]);
        assert_eq!(fs::read_dir(&dir).expect("the folder").count(), 1);
        assert_eq!(fs::metadata(dir.join("key")).expect("the key").mode() & 0o777, 0o600);
    }

    #[test]
    fn what_others_could_change_is_not_used() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("hookgate");
        key(&dir).expect("a key");
        fs::set_permissions(dir.join("key"), fs::Permissions::from_mode(0o644)).expect("a mode");
        assert!(key(&dir).is_err());
        fs::set_permissions(dir.join("key"), fs::Permissions::from_mode(0o600)).expect("a mode");
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o777)).expect("a mode");
        assert!(key(&dir).is_err());
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).expect("a mode");
        fs::write(dir.join("key"), "short").expect("a file");
        assert!(key(&dir).is_err());
    }
}
