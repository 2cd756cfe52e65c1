//! Reads the plugin folder: which plugins lie there, whether they have changed, what is in them.
//!
//! Everything here blocks, and belongs on a blocking thread.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::error::Refusal;
use crate::inspect::hashed_file::HashedFile;
use crate::plugin::digest::Digest;
use crate::plugin::manifest::ManifestError;

/// How often a file is read that changes while it is read, and how long to wait in between.
const READS: usize = 36;
const PAUSE: Duration = Duration::from_millis(8);
/// A file that was not written to for so long is complete, as far as one can tell.
const SETTLED: Duration = Duration::from_millis(300);
const MAX_NAME: usize = 64;
const MAX_MANIFEST_BYTES: u64 = 1 << 20;

/// What tells one version of a file from another without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    modified: Option<SystemTime>,
    size: u64,
    identity: (u64, u64, i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { modified: metadata.modified().ok(), size: metadata.len(), identity: identity(metadata) }
    }

    fn is_settled(&self) -> bool {
        self.modified.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > SETTLED)
    }
}

/// Device, inode, and the time of the last change, which unlike `mtime` nobody can set.
#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64, i64, i64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, u64, i64, i64) {
    (0, 0, 0, 0)
}

/// How a plugin lies in the folder: equal values mean that nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) component: Result<Stamp, Refusal>,
    pub(crate) manifest: Option<Result<Stamp, Refusal>>,
}

/// What a plugin consists of.
pub(crate) struct Contents {
    pub(crate) component: HashedFile,
    pub(crate) manifest: Option<String>,
    pub(crate) seen: Seen,
}

/// Tells one folder from another of the same path.
pub(crate) fn folder_identity(dir: &Path) -> Option<(u64, u64)> {
    fs::metadata(dir).ok().map(|metadata| {
        let (device, inode, ..) = identity(&metadata);
        (device, inode)
    })
}

/// The plugins of the folder by name. Hidden files, folders and everything but `*.wasm` are no plugins.
pub(crate) fn list(dir: &Path) -> io::Result<BTreeMap<String, Seen>> {
    let root = dir.canonicalize()?;
    let mut plugins = BTreeMap::new();
    for entry in fs::read_dir(dir)? {
        let file = entry?.file_name();
        let file = file.to_string_lossy();
        let Some(name) = file.strip_suffix(".wasm") else { continue };
        if file.starts_with('.') {
            continue;
        }
        if !is_name(name) {
            plugins.insert(name.to_owned(), Seen { component: Err(Refusal::Name), manifest: None });
            continue;
        }
        let component = match stamp(&root, &component_path(dir, name)) {
            Ok(Some(stamp)) => Ok(stamp),
            // A folder of that name, or gone already.
            Ok(None) => continue,
            Err(refusal) => Err(refusal),
        };
        let manifest = stamp(&root, &manifest_path(dir, name)).transpose();
        plugins.insert(name.to_owned(), Seen { component, manifest });
    }
    Ok(plugins)
}

/// Reads one plugin, when its files do not change any more.
pub(crate) fn read(dir: &Path, name: &str, max_bytes: u64) -> Result<Contents, Refusal> {
    let root = dir.canonicalize().map_err(|error| Refusal::Read(error.to_string()))?;
    let (component, stamp) = read_stable(&root, &component_path(dir, name), max_bytes)?
        .ok_or_else(|| Refusal::Read("it is gone".to_owned()))?;
    let manifest = read_stable(&root, &manifest_path(dir, name), MAX_MANIFEST_BYTES)
        .map_err(|refusal| in_manifest(&format!("it {refusal}")))?;
    let (manifest, manifest_stamp) = match manifest {
        Some((file, stamp)) => {
            let text =
                String::from_utf8(file.bytes().to_vec()).map_err(|_| in_manifest("it is not UTF-8 text"))?;
            (Some(text), Some(Ok(stamp)))
        }
        None => (None, None),
    };
    Ok(Contents { component, manifest, seen: Seen { component: Ok(stamp), manifest: manifest_stamp } })
}

/// One plugin's files, as the server reads them.
#[derive(Clone, PartialEq, Eq)]
pub struct PluginFiles {
    /// The component's file name without `.wasm`.
    pub name: String,
    /// The bytes of the component.
    pub component: Bytes,
    /// The manifest beside it, if there is one.
    pub manifest: Option<String>,
}

impl PluginFiles {
    /// Reads the component at `path` and its manifest, outside any plugin folder: for tools. Blocks.
    ///
    /// # Errors
    /// What would keep the server from taking these files, their content aside.
    pub fn read(path: &Path, max_bytes: u64) -> Result<Self, Refusal> {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let name = file.strip_suffix(".wasm").ok_or(Refusal::Ending)?;
        if !is_name(name) || name.starts_with('.') {
            return Err(Refusal::Name);
        }
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let Contents { component, manifest, .. } = read(dir, name, max_bytes)?;
        Ok(Self { name: name.to_owned(), component: component.bytes().clone(), manifest })
    }
}

impl std::fmt::Debug for PluginFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PluginFiles").field("name", &self.name).finish_non_exhaustive()
    }
}

fn component_path(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.wasm"))
}

fn manifest_path(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.toml"))
}

/// Names go into logs, metrics and the outbox.
fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// The same sentences, but about the manifest.
fn in_manifest(message: &str) -> Refusal {
    Refusal::Manifest(ManifestError { line: None, message: message.to_owned() })
}

/// None if there is no regular file.
fn stamp(root: &Path, path: &Path) -> Result<Option<Stamp>, Refusal> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        // Nothing, or a symbolic link to nothing.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Refusal::Read(error.to_string())),
    };
    if !metadata.is_file() {
        return Ok(None);
    }
    let real = path.canonicalize().map_err(|error| Refusal::Read(error.to_string()))?;
    if !real.starts_with(root) {
        return Err(Refusal::Outside);
    }
    Ok(Some(Stamp::of(&metadata)))
}

/// Reads until two readings agree, or one finds a file that has been left alone for a while: a copy
/// that is still under way must not be taken for the whole.
fn read_stable(root: &Path, path: &Path, max_bytes: u64) -> Result<Option<(HashedFile, Stamp)>, Refusal> {
    let mut previous: Option<(Digest, Stamp)> = None;
    for attempt in 0..READS {
        if attempt > 0 {
            std::thread::sleep(PAUSE);
        }
        let Some(before) = stamp(root, path)? else { return Ok(None) };
        if before.size > max_bytes {
            return Err(Refusal::TooLarge { size: before.size, limit: max_bytes });
        }
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(|error| Refusal::Read(error.to_string()))?;
        (&file)
            .take(max_bytes.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| Refusal::Read(error.to_string()))?;
        // Of the open file: the path may lead to another one by now.
        let after = Stamp::of(&file.metadata().map_err(|error| Refusal::Read(error.to_string()))?);
        if before != after || after.size != bytes.len() as u64 {
            previous = None;
            continue;
        }
        let file = HashedFile::new(bytes);
        let reading = (file.digest(), after);
        if after.is_settled() || previous == Some(reading) {
            return Ok(Some((file, after)));
        }
        previous = Some(reading);
    }
    Err(Refusal::Unstable)
}
