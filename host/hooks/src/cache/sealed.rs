//! A copy in memory that nobody can change any more, under a name in the file system.
//!
//! The engine maps a file far quicker than it copies bytes: of the machine code of an interpreter a call touches a
//! tenth. But a file on a disk may change after it was verified, and code that is run must not.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

/// Fits into a processor's cache, where it is read twice.
const CHUNK: usize = 256 << 10;

/// Bytes in memory that nobody can change, this process included.
pub(crate) struct SealedFile(File);

impl SealedFile {
    /// Copies all of `source`, and shows each piece to `see` on the way.
    pub(super) fn copy(source: &mut impl Read, mut see: impl FnMut(&[u8])) -> io::Result<Self> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let mut copy = File::from(memfd_create("hookgate-code", flags)?);
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = match source.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let piece = &chunk[..read];
            see(piece);
            copy.write_all(piece)?;
        }
        let all = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
        fcntl_add_seals(&copy, all)?;
        Ok(Self(copy))
    }

    /// Where this process finds it, as long as this value lives.
    pub(crate) fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.0.as_raw_fd()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn it_holds_what_was_seen_and_nobody_changes_it() {
        let bytes: Vec<u8> = (0..3 * CHUNK + 7).map(|n| u8::try_from(n % 251).expect("small")).collect();
        let mut seen = Vec::new();
        let sealed =
            SealedFile::copy(&mut &bytes[..], |piece| seen.extend_from_slice(piece)).expect("a copy");
        assert!(seen == bytes);
        assert!(fs::read(sealed.path()).expect("readable") == bytes);
        let denied =
            File::options().write(true).open(sealed.path()).and_then(|mut file| file.write_all(b"x"));
        assert_eq!(denied.expect_err("sealed").kind(), io::ErrorKind::PermissionDenied);
        assert!((&sealed.0).write_all(b"x").is_err());
        assert!(sealed.0.set_len(1).is_err());
        assert!(fs::read(sealed.path()).expect("readable") == bytes);
    }
}
