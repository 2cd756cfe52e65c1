//! What can be chosen about a SQLite store.

use std::path::PathBuf;
use std::time::Duration;

/// Where the file is and how it is used.
#[derive(Clone, Debug)]
pub struct SqliteConfig {
    /// The file. It is created, for its owner's eyes only, if there is none; its folder has to exist.
    pub path: PathBuf,
    /// How many reads run at once, each on a thread and a connection of its own. At least 1.
    pub read_connections: usize,
    /// How long to wait for another process that is writing to the same file.
    pub busy_timeout: Duration,
    /// How many reads, and how many writes, may wait. What comes on top fails at once: an answer that
    /// says "busy" is worth more than one that comes after the caller has gone.
    pub queue_capacity: usize,
}

impl SqliteConfig {
    /// The defaults for a file: as many readers as the machine has cores (two to eight), five seconds
    /// for other processes, 4096 waiting jobs.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            path: path.into(),
            read_connections: cores.clamp(2, 8),
            busy_timeout: Duration::from_secs(5),
            queue_capacity: 4096,
        }
    }
}
