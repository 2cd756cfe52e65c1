//! A plugin that is ready to be called: compiled, linked, tried, limited.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hookgate_core::hooks::{FailurePolicy, Hook, OnViolation, Stage};
use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::component::{ComponentExportIndex, InstancePre};

use super::compiled::Compiled;
use super::idle::Idle;
use super::tally::Tally;
use crate::engine::HookEngine;
use crate::plugin::breaker::{Breaker, BreakerState};
use crate::plugin::config::PluginConfig;
use crate::plugin::digest::Digest;
use crate::plugin::info::PluginInfo;
use crate::plugin::limits::Limits;
use crate::plugin::manifest::Manifest;
use crate::plugin::reuse::Reuse;
use crate::plugin::secrets::Secrets;
use crate::plugin::services::{HostServices, PluginServices};
use crate::state::CallState;
use crate::state::ticker::Ticking;

/// A plugin that is ready to be called. It can't change; a new version is a new value.
pub struct PreparedPlugin {
    info: Arc<PluginInfo>,
    manifest: Manifest,
    compiled: Compiled,
    engine: HookEngine,
    pre: InstancePre<CallState>,
    exports: [Option<ComponentExportIndex>; Hook::ALL.len()],
    hooks: Vec<Hook>,
    calls: Semaphore,
    idle: Option<Arc<Idle>>,
    weight: u32,
    tally: Tally,
    breakers: [Breaker; Hook::ALL.len()],
}

/// The parts of a [`PreparedPlugin`], as the loader hands them over.
pub(crate) struct Parts {
    pub(crate) info: Arc<PluginInfo>,
    pub(crate) manifest: Manifest,
    pub(crate) compiled: Compiled,
    pub(crate) engine: HookEngine,
    pub(crate) pre: InstancePre<CallState>,
    pub(crate) exports: Vec<(Hook, ComponentExportIndex)>,
    pub(crate) weight: u32,
}

impl PreparedPlugin {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { info, manifest, compiled, engine, pre, exports, weight } = parts;
        let hooks = exports.iter().map(|(hook, _)| *hook).collect();
        let mut by_hook = [const { None }; Hook::ALL.len()];
        for (hook, export) in exports {
            by_hook[hook as usize] = Some(export);
        }
        if manifest.on_failure.get(&Hook::AllowSignin) == Some(&FailurePolicy::Skip) {
            tracing::warn!(
                plugin = &*info.name,
                digest = &*info.digest_short,
                "when this plugin fails, sign-ins go on without its gate: its manifest says so (`skip`)"
            );
        }
        // Half of the engine at most, so that no plugin takes all of it.
        let share = u64::from((engine.concurrent_calls() / 2 / weight).max(1));
        let calls = Semaphore::new(crate::plugin::limits::size(info.limits.concurrent_calls.min(share)));
        let idle = manifest.reuse.map(|reuse| Idle::new(reuse, &engine, &info.limits, weight));
        let breakers = std::array::from_fn(|_| Breaker::new(engine.config().breaker));
        Self {
            info,
            manifest,
            compiled,
            engine,
            pre,
            exports: by_hook,
            hooks,
            calls,
            idle,
            weight,
            tally: Tally::default(),
            breakers,
        }
    }

    /// The name: the file's without `.wasm`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// What identifies the component.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.compiled.digest()
    }

    /// The component's size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.compiled.size()
    }

    /// The hooks that it is used for.
    #[must_use]
    pub fn hooks(&self) -> &[Hook] {
        &self.hooks
    }

    /// What its calls may cost.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.info.limits
    }

    /// What becomes of an answer that changes what is reserved.
    pub(crate) fn on_violation(&self) -> OnViolation {
        self.engine.config().on_violation
    }

    /// What the operator said of it.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What becomes of a request when it fails in a hook.
    #[must_use]
    pub fn on_failure(&self, hook: Hook) -> FailurePolicy {
        self.manifest.on_failure.get(&hook).copied().unwrap_or_default()
    }

    /// How the circuit breaker of a hook stands.
    #[must_use]
    pub fn breaker_state(&self, hook: Hook) -> BreakerState {
        self.breaker(hook).state(Instant::now())
    }

    /// How many of its instances wait for their next call; none without `[reuse]`.
    #[must_use]
    pub fn idle_instances(&self) -> usize {
        self.idle.as_ref().map_or(0, |idle| idle.count())
    }

    /// The same plugin with other settings, without compiling it again: for tools that try several.
    #[must_use]
    pub fn with_config(&self, config: PluginConfig) -> Self {
        self.varied(
            Manifest { config, ..self.manifest.clone() },
            self.info.services.clone(),
            self.info.is_trial,
        )
    }

    /// The same plugin whose instances are kept, or not, whatever its manifest says: for tools that measure.
    #[must_use]
    pub fn with_reuse(&self, reuse: Option<Reuse>) -> Self {
        self.varied(
            Manifest { reuse, ..self.manifest.clone() },
            self.info.services.clone(),
            self.info.is_trial,
        )
    }

    /// The same plugin with other services and secrets, without compiling it again: for tools that stand
    /// for the server.
    #[must_use]
    pub fn with_services(&self, services: &HostServices, secrets: Secrets) -> Self {
        let services = PluginServices::new(services, &self.manifest, secrets);
        self.varied(self.manifest.clone(), services, self.info.is_trial)
    }

    /// The same plugin, for calls that must have no effect.
    pub(crate) fn for_trial(&self) -> Self {
        self.varied(self.manifest.clone(), self.info.services.clone(), true)
    }

    fn varied(&self, manifest: Manifest, services: PluginServices, is_trial: bool) -> Self {
        let info = PluginInfo {
            name: self.info.name.clone(),
            digest_short: self.info.digest_short.clone(),
            limits: self.info.limits,
            config: manifest.config.clone(),
            http: self.info.http.clone(),
            services,
            imports_wasi: self.info.imports_wasi,
            is_trial,
        };
        let exports = self.hooks.iter().filter_map(|hook| Some((*hook, *self.export(*hook)?))).collect();
        Self::new(Parts {
            info: Arc::new(info),
            manifest,
            compiled: self.compiled.clone(),
            engine: self.engine.clone(),
            pre: self.pre.clone(),
            exports,
            weight: self.weight,
        })
    }

    pub(crate) const fn idle(&self) -> Option<&Arc<Idle>> {
        self.idle.as_ref()
    }

    pub(crate) fn breaker(&self, hook: Hook) -> &Breaker {
        &self.breakers[hook as usize]
    }

    pub(crate) fn info(&self) -> &Arc<PluginInfo> {
        &self.info
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(crate) fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    pub(crate) fn engine(&self) -> &HookEngine {
        &self.engine
    }

    pub(crate) fn pre(&self) -> &InstancePre<CallState> {
        &self.pre
    }

    pub(crate) fn export(&self, hook: Hook) -> Option<&ComponentExportIndex> {
        self.exports[hook as usize].as_ref()
    }

    /// Waits for room: first among this plugin's calls, then among all, so that a plugin that is
    /// overrun queues before its own door and not before everybody's. Answers since when it has it, which
    /// is `now` where nobody was before it.
    pub(crate) async fn enter(&self, patience: Duration, now: Instant) -> Result<(Room<'_>, Instant), Stage> {
        let room = |own, slot| Room { _slot: slot, _own: own, _ticking: self.engine.ticker().enter() };
        let slots = self.engine.slots();
        if let (Ok(own), Ok(slot)) = (self.calls.try_acquire(), slots.try_acquire_many(self.weight)) {
            return Ok((room(own, slot), now));
        }
        let patience = patience.min(Duration::from_millis(self.info.limits.queue_wait_ms));
        let both = async {
            let own = self.calls.acquire().await;
            (own, slots.acquire_many(self.weight).await)
        };
        match tokio::time::timeout(patience, both).await {
            Ok((Ok(own), Ok(slot))) => Ok((room(own, slot), Instant::now())),
            Ok(_) => Err(Stage::Host("the engine is closed".to_owned())),
            Err(_) => {
                let waited_ms = u64::try_from(now.elapsed().as_millis()).unwrap_or(u64::MAX);
                Err(Stage::Queue { waited_ms })
            }
        }
    }
}

impl std::fmt::Debug for PreparedPlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreparedPlugin")
            .field("name", &self.info.name)
            .field("digest", &self.digest())
            .field("hooks", &self.hooks)
            .finish_non_exhaustive()
    }
}

/// The right to run one call.
pub(crate) struct Room<'a> {
    _slot: SemaphorePermit<'a>,
    _own: SemaphorePermit<'a>,
    _ticking: Ticking<'a>,
}
