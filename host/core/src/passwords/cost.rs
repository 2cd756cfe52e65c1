//! What a hash costs, and what can go wrong with one.

use argon2::Params;

/// The cost of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Settings {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl Default for Argon2Settings {
    /// FastAuth's.
    fn default() -> Self {
        Self { memory_kib: 65_536, iterations: 3, parallelism: 4 }
    }
}

impl Argon2Settings {
    pub(super) fn params(self) -> Result<Params, HasherError> {
        Params::new(self.memory_kib, self.iterations, self.parallelism, None)
            .map_err(|error| HasherError::Failed(format!("argon2 parameters: {error}")))
    }
}

/// A password could not be hashed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HasherError {
    /// The queue is full.
    #[error("the hashing queue is full")]
    Busy,
    /// Bad parameters, or a stored hash that can't be read.
    #[error("{0}")]
    Failed(String),
}
