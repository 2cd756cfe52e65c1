//! A file in memory with what identifies it: to hash an interpreter takes as long as to load its machine code.

use bytes::Bytes;

use crate::plugin::digest::Digest;

/// The bytes of a file and their digest. Cheap to clone.
#[derive(Clone)]
pub(crate) struct HashedFile {
    bytes: Bytes,
    digest: Digest,
}

impl HashedFile {
    /// Hashes the bytes, some 2 MB in a millisecond: blocks.
    pub(crate) fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let digest = Digest::of(&bytes);
        Self { bytes, digest }
    }

    pub(crate) const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(crate) const fn digest(&self) -> Digest {
        self.digest
    }
}
