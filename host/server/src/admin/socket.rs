//! The socket in the data folder.

use std::fs;
use std::future::Future;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use axum::Router;
use tokio::net::UnixListener;

/// Where it is.
pub(crate) fn socket_path(data_dir: &Path) -> PathBuf {
    data_dir.join("admin.sock")
}

/// A bound socket. Its file goes with it, unless another server has taken the place.
pub(super) struct Socket {
    listener: UnixListener,
    place: Place,
}

struct Place {
    path: PathBuf,
    inode: u64,
}

impl Socket {
    /// Takes the place, also from a server that runs on the same folder or that was killed: orders go to
    /// the newest.
    pub(super) fn bind(data_dir: &Path) -> io::Result<Self> {
        let path = socket_path(data_dir);
        let aside = data_dir.join(format!(".admin-{}.sock", std::process::id()));
        drop(fs::remove_file(&aside));
        let listener = UnixListener::bind(&aside)?;
        fs::set_permissions(&aside, fs::Permissions::from_mode(0o600))?;
        let inode = fs::symlink_metadata(&aside)?.ino();
        fs::rename(&aside, &path)?;
        Ok(Self { listener, place: Place { path, inode } })
    }

    pub(super) async fn serve(self, router: Router, stopped: impl Future<Output = ()> + Send + 'static) {
        let Self { listener, place } = self;
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await {
            tracing::error!(%error, "the socket for `hookgate plugin` is closed");
        }
        drop(place);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|file| file.ino() == self.inode) {
            drop(fs::remove_file(&self.path));
        }
    }
}
