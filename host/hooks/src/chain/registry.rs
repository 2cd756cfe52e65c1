//! The plugins that serve now, behind one pointer.
//!
//! A change builds the next generation aside and then moves the pointer: there are no half states.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use hookgate_core::hooks::{HookChain, Hooks};

use super::generation::Generation;
use super::pinned::Pinned;
use crate::call::prepared::PreparedPlugin;
use crate::load::status::PluginStatus;

/// The plugins that serve now.
pub struct Registry {
    current: ArcSwap<Generation>,
    status: ArcSwap<Vec<PluginStatus>>,
    /// Held while a generation is made, so that each has a number of its own.
    replacing: Mutex<()>,
}

impl Registry {
    /// A registry whose first generation has these plugins.
    #[must_use]
    pub fn new(plugins: Vec<Arc<PreparedPlugin>>) -> Self {
        Self {
            current: ArcSwap::from_pointee(Generation::new(1, plugins)),
            status: ArcSwap::default(),
            replacing: Mutex::new(()),
        }
    }

    /// The generation that serves now.
    #[must_use]
    pub fn current(&self) -> Arc<Generation> {
        self.current.load_full()
    }

    /// Makes the next generation of these plugins serve, and answers its number. Calls that have begun
    /// end in the generation in which they began.
    pub fn replace(&self, plugins: Vec<Arc<PreparedPlugin>>) -> u64 {
        let _turn = self.replacing.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.current.load().number() + 1;
        self.current.store(Arc::new(Generation::new(number, plugins)));
        number
    }

    /// The same with a number of the caller's, who keeps generations beyond this process.
    pub(crate) fn install(&self, number: u64, plugins: Vec<Arc<PreparedPlugin>>) {
        let _turn = self.replacing.lock().unwrap_or_else(PoisonError::into_inner);
        self.current.store(Arc::new(Generation::new(number, plugins)));
    }

    /// What is known of each plugin of the folder, by name.
    #[must_use]
    pub fn status(&self) -> Arc<Vec<PluginStatus>> {
        self.status.load_full()
    }

    pub(crate) fn set_status(&self, status: Vec<PluginStatus>) {
        self.status.store(Arc::new(status));
    }
}

impl Hooks for Registry {
    fn pin(&self) -> Arc<dyn HookChain> {
        Arc::new(Pinned::new(self.current.load_full()))
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("current", &self.current.load()).finish_non_exhaustive()
    }
}
