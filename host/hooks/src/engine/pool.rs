//! The pool that instances come from: how much it holds, and what a slot keeps between two calls.

use wasmtime::{Enabled, PoolingAllocationConfig};

use crate::plugin::limits::{Limits, size};

/// Linear memories and tables that the pool holds per concurrent call. A plugin that needs more takes
/// the room of several calls.
pub(crate) const MEMORIES_PER_CALL: u32 = 2;
pub(crate) const TABLES_PER_CALL: u32 = 4;

/// What a slot keeps between two calls: memory for time. The default is what the server uses; the rest
/// is for measurements beside it.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolTuning {
    /// Bytes of a table that are cleared by hand rather than given back to the kernel.
    pub table_resident: usize,
    /// Slots whose pages are given back together.
    pub decommit_batch: usize,
    /// Whether the kernel is asked which pages were touched, so that only those are reset.
    pub pagemap_scan: bool,
}

impl Default for PoolTuning {
    fn default() -> Self {
        Self {
            table_resident: 16 << 10,
            // With larger batches a finished call's memory (tokens, addresses) stays until the batch is
            // full.
            decommit_batch: 1,
            // In wasmtime 48 a page that the kernel has swapped out, or is moving just then, keeps what the last call
            // wrote. 50 clears those as well; it would make a fresh call of an interpreter two to five times as quick.
            pagemap_scan: false,
        }
    }
}

/// Room for so many calls at once, each of which leaves `resident` bytes of its memory to the next.
pub(crate) fn pool(
    ceiling: &Limits,
    calls: u32,
    resident: usize,
    tuning: &PoolTuning,
) -> PoolingAllocationConfig {
    let count = |limit: u64| u32::try_from(limit).unwrap_or(u32::MAX);
    let mut p = PoolingAllocationConfig::new();
    p.total_component_instances(calls)
        .total_core_instances(calls.saturating_mul(count(ceiling.instances)))
        .total_memories(calls.saturating_mul(MEMORIES_PER_CALL).max(count(ceiling.memories)))
        .total_tables(calls.saturating_mul(TABLES_PER_CALL).max(count(ceiling.tables)))
        .total_stacks(calls)
        .total_gc_heaps(0);
    p.max_core_instances_per_component(count(ceiling.instances))
        .max_memories_per_component(count(ceiling.memories))
        .max_tables_per_component(count(ceiling.tables))
        .max_memories_per_module(count(ceiling.memories))
        .max_tables_per_module(count(ceiling.tables))
        .max_memory_size(size(ceiling.memory_bytes))
        .table_elements(size(ceiling.table_elements))
        .max_component_instance_size(4 << 20)
        .max_core_instance_size(4 << 20);
    p.max_unused_warm_slots((calls / 8).max(16))
        .linear_memory_keep_resident(resident)
        .table_keep_resident(tuning.table_resident)
        .decommit_batch_size(tuning.decommit_batch)
        .pagemap_scan(if tuning.pagemap_scan { Enabled::Auto } else { Enabled::No });
    p
}
