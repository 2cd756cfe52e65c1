//! How wasmtime is set up.
//!
//! Most of its advisories sit in proposals that hooks have no use for; those are switched off
//! here rather than left at their defaults, so that an update can't switch one on.

use std::num::NonZeroUsize;

use wasmtime::{Config, Engine, InstanceAllocationStrategy, OptLevel, Strategy, WasmBacktraceDetails};

use super::config::{Allocator, EngineConfig};
use super::pool::{PoolTuning, pool};
use crate::plugin::limits::size;

/// What a fiber's stack has beside the guest's: room for host functions.
pub(crate) const HOST_STACK: usize = 1 << 20;
/// Room for instances that wait for their next call, beside those that run: a quarter, and at least what the
/// heaviest plugin takes.
const MIN_IDLE_SLOTS: u32 = 16;
/// A pool smaller than this is not worth having.
pub(super) const SMALLEST_POOL: u32 = 16;

/// How many instances may wait for their next call, beside those that run.
pub(super) fn idle_slots(calls: u32) -> u32 {
    (calls / 4).max(MIN_IDLE_SLOTS)
}

/// How many calls run at once where nobody says so.
pub(super) fn calls_by_processors() -> u32 {
    u32::try_from(processors() * 64).unwrap_or(u32::MAX).clamp(128, 4096)
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Tries pools of decreasing size, then none: the address space may be limited (containers, 39-bit
/// kernels), and only trying tells.
pub(super) fn build(
    config: &EngineConfig,
    wanted: u32,
    tuning: &PoolTuning,
) -> wasmtime::Result<(Engine, Allocator, u32)> {
    if config.allocator == Allocator::Pooling {
        let mut calls = wanted;
        loop {
            let mut settings = settings(config);
            // What runs and what waits.
            let instances = calls.saturating_add(idle_slots(calls));
            let pool = pool(&config.ceiling, instances, size(config.resident_bytes), tuning);
            settings.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
            match Engine::new(&settings) {
                Ok(engine) => {
                    if calls < wanted {
                        tracing::warn!(
                            wanted,
                            calls,
                            "too little address space: fewer hook calls run at once"
                        );
                    }
                    return Ok((engine, Allocator::Pooling, calls));
                }
                Err(error) if calls / 2 >= SMALLEST_POOL.min(wanted) => {
                    tracing::debug!(calls, error = %format!("{error:#}"), "no pool of this size");
                    calls /= 2;
                }
                Err(error) => {
                    tracing::warn!(
                        error = %format!("{error:#}"),
                        "no pool of instances on this machine: each hook call allocates its memory anew"
                    );
                    break;
                }
            }
        }
    }
    Ok((Engine::new(&on_demand(settings(config)))?, Allocator::OnDemand, wanted))
}

fn on_demand(mut settings: Config) -> Config {
    // Address space is what was missing, if this is the fall-back: reserve little, move when it grows.
    settings.memory_reservation(64 << 20);
    settings
}

/// An engine that makes machine code for one with this allocator, and reserves nothing itself: the pool
/// has no influence on the code.
pub(crate) fn for_compiling(is_on_demand: bool, count_instructions: bool) -> wasmtime::Result<Engine> {
    let mut settings = settings(&EngineConfig { count_instructions, ..EngineConfig::default() });
    // A process of its own gives way to the server; where nobody wants the processors, it has all of them.
    settings.parallel_compilation(true);
    Engine::new(&if is_on_demand { on_demand(settings) } else { settings })
}

fn settings(config: &EngineConfig) -> Config {
    let mut c = Config::new();
    c.strategy(Strategy::Cranelift).cranelift_opt_level(OptLevel::Speed);
    // A compiler in this process does not give way: with two processors it must leave one to the logins.
    c.parallel_compilation(processors() > 2);
    c.wasm_component_model(true).concurrency_support(false);
    c.epoch_interruption(true).consume_fuel(config.count_instructions);
    let stack = size(config.stack_bytes);
    c.max_wasm_stack(stack).async_stack_size(stack + HOST_STACK);
    c.memory_init_cow(true).table_lazy_init(true).guard_before_linear_memory(true);

    c.gc_support(false).wasm_gc(false).wasm_exceptions(false).wasm_function_references(false);
    c.wasm_threads(false).wasm_shared_everything_threads(false).shared_memory(false);
    c.wasm_memory64(false).wasm_wide_arithmetic(false).wasm_custom_page_sizes(false);
    c.wasm_relaxed_simd(false);
    c.wasm_component_model_gc(false).wasm_component_model_memory64(false);
    // What compilers do emit. Components that are linked from several get adapter modules with more
    // than one memory.
    c.wasm_simd(true).wasm_bulk_memory(true).wasm_reference_types(true).wasm_multi_value(true);
    c.wasm_multi_memory(true).wasm_tail_call(true);

    c.wasm_backtrace_details(WasmBacktraceDetails::Disable);
    c.wasm_backtrace_max_frames(NonZeroUsize::new(32));
    c
}
