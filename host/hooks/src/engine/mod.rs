//! The WebAssembly engine: one per process, with its clock, its pool and its gate.

mod config;
pub(crate) mod observer;
mod pool;
pub(crate) mod settings;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};
use wasmtime::Engine;
use wasmtime::component::Linker;

use crate::cache::CodeCache;
use crate::compiler::{CompileLimits, Compiler, Target};
use crate::imports;
use crate::plugin::limits::LimitError;
use crate::plugin::services::HostServices;
use crate::state::CallState;
use crate::state::ticker::Ticker;
use observer::{Observer, Observers};
use pool::{MEMORIES_PER_CALL, TABLES_PER_CALL};
use settings::{build, calls_by_processors, idle_slots};

pub use config::{Allocator, EngineConfig};
pub use pool::PoolTuning;

/// Less than this and no guest runs; more and the pool would take too much address space.
const STACK_BYTES: std::ops::RangeInclusive<u64> = 64 << 10..=16 << 20;

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A limit of the configuration makes no sense.
    #[error("the default limits of plugins can't be used: {0}")]
    Limits(#[from] LimitError),
    /// No calls at all.
    #[error("`concurrent_calls` must be at least 1")]
    NoCalls,
    /// A stack that nothing can run on, or that takes too much room.
    #[error("`stack_bytes` = {0} is not between 65536 and 16777216")]
    Stack(u64),
    /// wasmtime refuses the configuration or this machine.
    #[error("the WebAssembly engine does not start: {0:#}")]
    Wasmtime(#[from] wasmtime::Error),
    /// No thread for the clock.
    #[error("the WebAssembly engine's clock does not start: {0}")]
    Ticker(#[from] std::io::Error),
}

/// The engine. Cheap to clone; there should be one per process.
#[derive(Clone)]
pub struct HookEngine(Arc<Inner>);

struct Inner {
    engine: Engine,
    linker: Linker<CallState>,
    ticker: Ticker,
    slots: Semaphore,
    slot_count: u32,
    idle_slots: Arc<Semaphore>,
    /// Held while a component is compiled: logins must keep their share of the processors.
    compiling: Mutex<()>,
    allocator: Allocator,
    config: EngineConfig,
    services: OnceLock<HostServices>,
    compilation: Compilation,
    observers: Observers,
}

/// How machine code comes about. `Default` compiles in this process and keeps nothing.
#[derive(Clone, Debug, Default)]
pub struct Compilation {
    /// Who compiles.
    pub compiler: Compiler,
    /// Where the results are kept.
    pub cache: Option<CodeCache>,
}

impl HookEngine {
    /// Starts an engine and its clock. It compiles in this process: see [`Self::with`].
    ///
    /// # Errors
    /// The configuration contradicts itself, or the machine can't run WebAssembly.
    pub fn new(config: EngineConfig) -> Result<Self, EngineError> {
        Self::with(config, Compilation::default())
    }

    /// The same, and says who compiles.
    ///
    /// # Errors
    /// See [`Self::new`].
    pub fn with(config: EngineConfig, compilation: Compilation) -> Result<Self, EngineError> {
        Self::tuned(config, compilation, &PoolTuning::default())
    }

    /// The same with another trade of memory for time in the pool, for measurements.
    #[doc(hidden)]
    pub fn tuned(
        config: EngineConfig,
        compilation: Compilation,
        tuning: &PoolTuning,
    ) -> Result<Self, EngineError> {
        config.limits.within(&config.ceiling)?;
        if !STACK_BYTES.contains(&config.stack_bytes) {
            return Err(EngineError::Stack(config.stack_bytes));
        }
        let wanted = config.concurrent_calls.unwrap_or_else(calls_by_processors);
        if wanted == 0 {
            return Err(EngineError::NoCalls);
        }
        let (engine, allocator, slot_count) = build(&config, wanted, tuning)?;
        let mut linker = Linker::new(&engine);
        imports::add_to_linker(&mut linker)?;
        let ticker = Ticker::start(&engine)?;
        Ok(Self(Arc::new(Inner {
            engine,
            linker,
            ticker,
            slots: Semaphore::new(slot_count as usize),
            slot_count,
            idle_slots: Arc::new(Semaphore::new(idle_slots(slot_count) as usize)),
            compiling: Mutex::new(()),
            allocator,
            config,
            services: OnceLock::new(),
            compilation,
            observers: Observers::default(),
        })))
    }

    /// Tells `observer` of every call from now on.
    pub fn observe(&self, observer: &Arc<dyn Observer>) {
        self.0.observers.add(observer);
    }

    /// Lends services to the plugins that are loaded from now on. Once: what is lent later is ignored.
    pub fn lend(&self, services: HostServices) {
        if self.0.services.set(services).is_err() {
            tracing::error!("plugins have their services already");
        }
    }

    pub(crate) fn services(&self) -> HostServices {
        self.0.services.get().cloned().unwrap_or_default()
    }

    /// To be called on each thread that will run hooks (tokio's `on_thread_start`). Without it the
    /// first call on a thread pays some hundred microseconds for the set-up of its signal stack.
    pub fn on_thread_start() {
        Engine::tls_eager_initialize();
    }

    /// How many calls run at once, all plugins together.
    #[must_use]
    pub fn concurrent_calls(&self) -> u32 {
        self.0.slot_count
    }

    /// How many more calls could start now.
    #[must_use]
    pub fn free_slots(&self) -> usize {
        self.0.slots.available_permits()
    }

    /// How many more instances could be kept for further calls, all plugins together (`[reuse]`).
    #[must_use]
    pub fn free_idle_slots(&self) -> usize {
        self.0.idle_slots.available_permits()
    }

    /// The allocator that is in use, which is not the configured one where that did not start.
    #[must_use]
    pub fn allocator(&self) -> Allocator {
        self.0.allocator
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &EngineConfig {
        &self.0.config
    }

    /// wasmtime's engine, for measurements beside this crate.
    #[must_use]
    pub fn wasmtime(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn linker(&self) -> &Linker<CallState> {
        &self.0.linker
    }

    pub(crate) fn ticker(&self) -> &Ticker {
        &self.0.ticker
    }

    pub(crate) fn observers(&self) -> &Observers {
        &self.0.observers
    }

    pub(crate) fn slots(&self) -> &Semaphore {
        &self.0.slots
    }

    /// The room of instances that are kept. It is apart from [`Self::slots`], so that what waits never keeps
    /// a call from starting: the pool holds both.
    pub(crate) fn idle_slots(&self) -> &Arc<Semaphore> {
        &self.0.idle_slots
    }

    pub(crate) fn idle_slot_count(&self) -> u32 {
        idle_slots(self.0.slot_count)
    }

    pub(crate) fn compiling(&self) -> &Mutex<()> {
        &self.0.compiling
    }

    pub(crate) fn compiler(&self) -> &Compiler {
        &self.0.compilation.compiler
    }

    pub(crate) fn cache(&self) -> Option<&CodeCache> {
        self.0.compilation.cache.as_ref()
    }

    /// What machine code has to be made for.
    pub(crate) fn target(&self) -> Target {
        Target {
            on_demand: self.0.allocator == Allocator::OnDemand,
            count_instructions: self.0.config.count_instructions,
        }
    }

    pub(crate) fn compile_limits(&self) -> CompileLimits {
        CompileLimits {
            time: Duration::from_millis(self.0.config.compile_ms),
            memory_bytes: self.0.config.compile_memory_bytes,
        }
    }

    pub(crate) fn start_limit(&self) -> Duration {
        Duration::from_millis(self.0.config.start_ms)
    }

    /// How many slots a call of a component takes that has so many memories and tables: the pool must
    /// never run dry while the gate is open.
    pub(crate) fn weight(&self, memories: u32, tables: u32) -> u32 {
        let weight = memories.div_ceil(MEMORIES_PER_CALL).max(tables.div_ceil(TABLES_PER_CALL));
        weight.clamp(1, self.0.slot_count)
    }
}

impl std::fmt::Debug for HookEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HookEngine")
            .field("allocator", &self.0.allocator)
            .field("concurrent_calls", &self.0.slot_count)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::settings::SMALLEST_POOL;
    use super::*;
    use crate::plugin::limits::Limits;

    #[test]
    fn the_pool_starts_with_the_defaults() {
        let engine = HookEngine::new(EngineConfig::default()).expect("an engine");
        assert_eq!(engine.allocator(), Allocator::Pooling);
        assert!(engine.concurrent_calls() >= 128);
    }

    #[test]
    fn on_demand_can_be_chosen() {
        let config = EngineConfig { allocator: Allocator::OnDemand, ..EngineConfig::default() };
        let engine = HookEngine::new(config).expect("an engine");
        assert_eq!(engine.allocator(), Allocator::OnDemand);
    }

    #[test]
    fn a_pool_that_does_not_fit_shrinks() {
        // 4096 calls of 16 memories are more than a process can address.
        let config = EngineConfig { concurrent_calls: Some(1 << 20), ..EngineConfig::default() };
        let engine = HookEngine::new(config).expect("an engine");
        assert!(engine.concurrent_calls() < 1 << 20);
        assert!(engine.concurrent_calls() >= SMALLEST_POOL);
    }

    #[test]
    fn defaults_above_the_ceiling_are_refused() {
        let limits = Limits { time_ms: 20_000, ..Limits::default() };
        let error =
            HookEngine::new(EngineConfig { limits, ..EngineConfig::default() }).expect_err("too much");
        assert!(error.to_string().contains("`time_ms` = 20000"), "{error}");
    }

    #[test]
    fn a_component_of_many_memories_weighs_more() {
        let engine = HookEngine::new(EngineConfig::default()).expect("an engine");
        assert_eq!((engine.weight(0, 0), engine.weight(2, 4), engine.weight(8, 1)), (1, 1, 4));
    }
}
