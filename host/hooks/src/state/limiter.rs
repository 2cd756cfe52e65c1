//! Counts what one instance takes, all memories and tables together, and refuses what is too much.
//!
//! wasmtime's own `StoreLimits` bounds each memory by itself; a component with many multiplies it.

use wasmtime::ResourceLimiter;

use crate::plugin::limits::{Limits, size};

/// The resources of one store.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory: Account,
    table: Account,
    instances: usize,
    memories: usize,
    tables: usize,
    refused: Option<Shortage>,
}

/// What there was not enough of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shortage {
    Memory,
    Table,
}

#[derive(Debug)]
struct Account {
    used: usize,
    limit: usize,
}

impl Account {
    fn take(&mut self, amount: usize) -> bool {
        match self.used.checked_add(amount) {
            Some(total) if total <= self.limit => {
                self.used = total;
                true
            }
            _ => false,
        }
    }
}

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory: Account { used: 0, limit: size(limits.memory_bytes) },
            table: Account { used: 0, limit: size(limits.table_elements) },
            instances: size(limits.instances),
            memories: size(limits.memories),
            tables: size(limits.tables),
            refused: None,
        }
    }

    /// Bytes of linear memory. It only ever grows, so this is also the peak.
    pub(crate) fn memory(&self) -> u64 {
        self.memory.used as u64
    }

    /// The first thing that was refused. Not yet a failure: a guest may live with a refusal.
    pub(crate) fn refused(&self) -> Option<Shortage> {
        self.refused
    }

    /// What was refused to one call is not the affair of the next. What is in use stays so.
    pub(crate) fn forget_refusal(&mut self) {
        self.refused = None;
    }

    fn grow(&mut self, what: Shortage, from: usize, to: usize, maximum: Option<usize>) -> bool {
        let account = match what {
            Shortage::Memory => &mut self.memory,
            Shortage::Table => &mut self.table,
        };
        // A declared maximum is the guest's own affair; it is no refusal of ours.
        if maximum.is_some_and(|maximum| to > maximum && to <= account.limit) {
            return false;
        }
        let granted = account.take(to.saturating_sub(from));
        if !granted {
            self.refused.get_or_insert(what);
        }
        granted
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, from: usize, to: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow(Shortage::Memory, from, to, maximum))
    }

    fn table_growing(&mut self, from: usize, to: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow(Shortage::Table, from, to, maximum))
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_are_counted_together() {
        let mut limiter = Limiter::new(&Limits { memory_bytes: 100, ..Limits::default() });
        assert!(limiter.memory_growing(0, 60, None).expect("no error"));
        assert!(!limiter.memory_growing(0, 60, None).expect("no error"));
        assert_eq!(limiter.refused(), Some(Shortage::Memory));
        assert!(limiter.memory_growing(60, 100, None).expect("no error"));
        assert_eq!(limiter.memory(), 100);
    }

    #[test]
    fn a_refusal_is_forgotten_and_what_is_in_use_is_not() {
        let mut limiter = Limiter::new(&Limits { memory_bytes: 100, ..Limits::default() });
        assert!(limiter.memory_growing(0, 60, None).expect("no error"));
        assert!(!limiter.memory_growing(60, 120, None).expect("no error"));
        limiter.forget_refusal();
        assert_eq!((limiter.refused(), limiter.memory()), (None, 60));
        assert!(!limiter.memory_growing(60, 120, None).expect("no error"));
    }

    #[test]
    fn a_guests_own_maximum_is_no_refusal() {
        let mut limiter = Limiter::new(&Limits { memory_bytes: 100, ..Limits::default() });
        assert!(!limiter.memory_growing(0, 60, Some(50)).expect("no error"));
        assert_eq!((limiter.refused(), limiter.memory()), (None, 0));
    }
}
