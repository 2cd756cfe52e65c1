//! Where Hookgate's state lives: the adapters of [`hookgate_core::adapters`] over SQLite and in memory.
//!
//! [`SqliteStore`] is what the server runs on, [`MemoryStore`] serves tests and embedders who want
//! nothing on disk. Both keep the same promises, written down as code in `conformance` (a cargo feature
//! of that name): an adapter of your own that passes it works wherever these do.
//!
//! ```no_run
//! # fn main() -> Result<(), hookgate_store::OpenError> {
//! use hookgate_store::{SqliteConfig, SqliteStore};
//!
//! let store = SqliteStore::open(SqliteConfig::new("data/hookgate.db"))?;
//! let adapters = store.adapters();
//! # drop(adapters);
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "conformance")]
pub mod conformance;
mod lockout;
mod memory;
mod sqlite;

pub use memory::MemoryStore;
pub use sqlite::{FastAuthDatabase, FastAuthError, OpenError, SqliteConfig, SqliteStats, SqliteStore};
