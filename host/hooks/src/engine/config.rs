//! What can be said about the engine.

use hookgate_core::hooks::OnViolation;
use serde::{Deserialize, Serialize};

use crate::plugin::breaker::BreakerConfig;
use crate::plugin::limits::Limits;

/// How the engine is set up. All fields have defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EngineConfig {
    /// How many calls run at once, all plugins together. Without it 64 per processor, between 128 and
    /// 4096.
    pub concurrent_calls: Option<u32>,
    /// Where instances come from.
    pub allocator: Allocator,
    /// How many bytes of its memory a call leaves in its place of the pool, cleared, for the next call there. They
    /// stay there for as long as the engine lives; what is beyond goes back to the system after each call.
    pub resident_bytes: u64,
    /// What a plugin may use whose manifest says nothing.
    pub limits: Limits,
    /// What a manifest may ask for at most.
    pub ceiling: Limits,
    /// The stack of a call's guest code in bytes, the same for all plugins. Interpreters (JavaScript,
    /// Python) recurse deeply.
    pub stack_bytes: u64,
    /// How long all calls of one request may take together, in milliseconds.
    pub request_budget_ms: u64,
    /// When a plugin that keeps failing is not asked for a while.
    pub breaker: BreakerConfig,
    /// How long the first instance of a plugin may take to start, when it is loaded, in milliseconds.
    pub start_ms: u64,
    /// The largest component that is loaded, in bytes.
    pub max_component_bytes: u64,
    /// What becomes of a mutation that changes what is reserved.
    pub on_violation: OnViolation,
    /// How long compiling one component may take, in milliseconds.
    pub compile_ms: u64,
    /// How much memory compiling one component may take, in bytes of address space. For compilers in a
    /// child process.
    pub compile_memory_bytes: u64,
    /// Counts the instructions that each call runs. For measurements: the code gets slower by it.
    pub count_instructions: bool,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            concurrent_calls: None,
            allocator: Allocator::Pooling,
            // What is small is cleared by hand rather than given back to the kernel, which then flushes the page tables
            // of every processor: with two callers at once a call of a small plugin costs 20 µs so, and 72 otherwise.
            // A plugin with the linker's stack of 1 MiB pays some 4 µs for nothing. More would stay resident in
            // every place that was ever used.
            resident_bytes: 256 << 10,
            limits: Limits::default(),
            ceiling: Limits::ceiling(),
            stack_bytes: 1 << 20,
            request_budget_ms: 5_000,
            breaker: BreakerConfig::default(),
            start_ms: 5_000,
            max_component_bytes: 64 << 20,
            on_violation: OnViolation::Fail,
            compile_ms: 120_000,
            compile_memory_bytes: 2 << 30,
            count_instructions: false,
        }
    }
}

/// Where instances come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allocator {
    /// From slots that are reserved at start: microseconds per instance. Falls back to
    /// [`Self::OnDemand`] where there is too little address space.
    #[default]
    Pooling,
    /// From the operating system, each time anew.
    OnDemand,
}
