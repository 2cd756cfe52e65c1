//! File systems of a test's own: full or read-only ones, the real thing. They need no privilege where the kernel
//! lets users have namespaces.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Server;

/// The words before a command that let it see what `script` mounts. Nobody else sees it.
pub(crate) fn with_mounts(script: &str) -> Vec<String> {
    [vec!["unshare".to_owned(), "-rm".to_owned()], after(script)].concat()
}

/// The words before a command that has a shell do something first.
pub(crate) fn after(script: &str) -> Vec<String> {
    ["sh", "-c", &format!("set -e\n{script}\nexec \"$@\""), "sh"].map(str::to_owned).to_vec()
}

/// Whether this machine lets a test mount anything. Where it doesn't, the test has nothing to test.
pub(crate) fn may_mount() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let words = with_mounts(&format!("mount -t tmpfs tmpfs '{}'", folder.path().display()));
    let ran = std::process::Command::new(&words[0]).args(&words[1..]).arg("true").output();
    let may = ran.is_ok_and(|output| output.status.success());
    if !may {
        eprintln!("skipped: this machine lets nobody mount a file system of their own (unshare -rm)");
    }
    may
}

/// The data folder of a server, as the server sees it.
pub(crate) fn seen_by(server: &Server) -> PathBuf {
    let data = server.data_dir();
    Path::new(&format!("/proc/{}/root", server.pid())).join(data.strip_prefix("/").unwrap())
}

/// Takes all the room that is left on the disk of the data folder.
pub(crate) fn fill(server: &Server) {
    let path = seen_by(server).join("ballast");
    let mut ballast = OpenOptions::new().create(true).append(true).open(path).unwrap();
    for size in [65_536, 4096, 1] {
        let zeros = vec![0; size];
        while ballast.write_all(&zeros).is_ok() {}
    }
}

/// Gives it back.
pub(crate) fn free(server: &Server) {
    std::fs::remove_file(seen_by(server).join("ballast")).unwrap();
}
