//! The adapters over one SQLite file.
//!
//! Many threads read ([`readers`]), one thread writes ([`writer`]) and puts what came in meanwhile into
//! one transaction. [`database`] is the door to both. Each noun has a file with its statements: what
//! reads it, and what each [`Change`](hookgate_core::adapters::Change) does to it.

mod apply;
mod apply_error;
mod backup;
mod check;
mod config;
mod connection;
mod database;
mod fastauth;
mod login_attempts;
mod migrate;
mod oauth_accounts;
mod open_error;
mod outbox;
mod passkeys;
mod plugin_kv;
mod private_file;
#[cfg(test)]
mod query_plan;
mod readers;
mod roles;
mod row;
mod sessions;
mod signing_keys;
mod state;
mod store;
mod tokens;
mod trouble;
mod users;
mod writer;

pub use config::SqliteConfig;
pub use fastauth::{FastAuthDatabase, FastAuthError};
pub use open_error::OpenError;
pub use store::{SqliteStats, SqliteStore};
