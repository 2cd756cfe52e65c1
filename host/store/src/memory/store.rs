//! The store in memory.

use std::sync::Arc;

use hookgate_core::adapters::Adapters;

use super::memory_state::Memory;

/// State that lives as long as the process: for tests, and for embedders who want nothing on disk.
///
/// Clones share the state. Lists and clean-ups look at every row, which is fine for thousands of them.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Memory>);

impl MemoryStore {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The adapters over this store.
    #[must_use]
    pub fn adapters(&self) -> Adapters {
        let memory = &self.0;
        Adapters {
            users: memory.clone(),
            sessions: memory.clone(),
            tokens: memory.clone(),
            oauth_accounts: memory.clone(),
            roles: memory.clone(),
            passkeys: memory.clone(),
            login_attempts: memory.clone(),
            backend: memory.clone(),
            outbox: memory.clone(),
            plugin_kv: memory.clone(),
            transactions: memory.clone(),
        }
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryStore")
    }
}
