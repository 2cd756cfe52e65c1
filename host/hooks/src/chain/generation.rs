//! One immutable set of plugins, in the order in which they are asked.

use std::sync::Arc;

use hookgate_core::hooks::Hook;

use crate::call::prepared::PreparedPlugin;

/// One immutable set of plugins. A request pins one and keeps it to its end.
pub struct Generation {
    number: u64,
    plugins: Vec<Arc<PreparedPlugin>>,
    chains: [Vec<Arc<PreparedPlugin>>; Hook::ALL.len()],
    names: [Vec<String>; Hook::ALL.len()],
}

impl Generation {
    /// A generation of these plugins. Lower `order` comes first, then the name decides.
    pub(crate) fn new(number: u64, mut plugins: Vec<Arc<PreparedPlugin>>) -> Self {
        plugins.sort_by(|a, b| (a.manifest().order, a.name()).cmp(&(b.manifest().order, b.name())));
        let mut chains = [const { Vec::new() }; Hook::ALL.len()];
        let mut names = [const { Vec::new() }; Hook::ALL.len()];
        for plugin in &plugins {
            for hook in plugin.hooks() {
                chains[*hook as usize].push(Arc::clone(plugin));
                names[*hook as usize].push(plugin.name().to_owned());
            }
        }
        Self { number, plugins, chains, names }
    }

    /// Counts up with every change.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// All plugins in order.
    #[must_use]
    pub fn plugins(&self) -> &[Arc<PreparedPlugin>] {
        &self.plugins
    }

    /// The plugins of one hook in order.
    #[must_use]
    pub fn chain(&self, hook: Hook) -> &[Arc<PreparedPlugin>] {
        &self.chains[hook as usize]
    }

    /// Their names.
    pub(crate) fn names(&self, hook: Hook) -> &[String] {
        &self.names[hook as usize]
    }
}

impl Drop for Generation {
    /// The last request of a retired generation ends on a thread that serves others, and unmapping a
    /// large component takes milliseconds: that is done elsewhere.
    fn drop(&mut self) {
        let plugins = (std::mem::take(&mut self.plugins), std::mem::take(&mut self.chains));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn_blocking(move || drop(plugins));
        }
    }
}

impl std::fmt::Debug for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generation")
            .field("number", &self.number)
            .field("plugins", &self.plugins)
            .finish_non_exhaustive()
    }
}
