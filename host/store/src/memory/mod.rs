//! The adapters in memory: the same promises as SQLite's, gone with the process.
//!
//! One lock around one state. What a list of changes has done so far is noted in the tables
//! ([`table::Table`]) and undone if a later change of the list conflicts.

mod apply;
mod login_attempts;
mod memory_state;
mod oauth_accounts;
mod outbox;
mod passkeys;
mod plugin_kv;
mod roles;
mod rows;
mod sessions;
mod signing_keys;
mod state;
mod store;
mod table;
mod tokens;
mod users;

pub use store::MemoryStore;
