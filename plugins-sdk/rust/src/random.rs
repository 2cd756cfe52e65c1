//! Randomness that is fit for secrets, which a plugin without WASI does not have by itself. Needs the
//! grant `random`.
//!
//! ```
//! # let _host = hookgate_plugin::testing::Host::new();
//! use hookgate_plugin::random;
//!
//! let nonce: [u8; 16] = random::array();
//! let is_sampled = random::number() % 100 == 0;
//! # assert_ne!(nonce, random::array()); let _ = is_sampled;
//! ```

use crate::host;

/// What the server gives at once.
const MAX_BYTES: usize = 4096;

/// So many random bytes.
pub fn bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    fill(&mut bytes);
    bytes
}

/// An array of random bytes.
pub fn array<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    fill(&mut bytes);
    bytes
}

/// Fills a slice with random bytes.
pub fn fill(bytes: &mut [u8]) {
    for part in bytes.chunks_mut(MAX_BYTES) {
        part.copy_from_slice(&host::random_bytes(part.len() as u32));
    }
}

/// Any of the 2^64 numbers.
pub fn number() -> u64 {
    host::random_number()
}
