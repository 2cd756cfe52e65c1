//! What a store knows of the call that it serves.

pub(crate) mod allowance;
pub(crate) mod host_calls;
pub(crate) mod limiter;
mod log;
pub(crate) mod meter;
mod requests;
mod scratch;
pub(crate) mod ticker;
mod wasi;

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use hookgate_core::hooks::{Hook, HookContext, Stage};
use wasmtime::{ResourceLimiter, TypedFunc};

use crate::plugin::info::PluginInfo;
use crate::plugin::limits::size;
use crate::plugin::services::PluginServices;
use allowance::{Allowance, Breach};
use host_calls::HostCalls;
use limiter::Limiter;
use log::CallLog;
use meter::Meter;
use requests::Requests;
use scratch::Scratch;
use wasi::WasiState;

/// Whom an instance serves between two calls, and while it starts.
static NOBODY: LazyLock<HookContext> = LazyLock::new(HookContext::default);

/// A host function that gives back the stack on which it is called.
pub(crate) type Release = TypedFunc<(), ()>;

/// What host functions see of the call that they serve.
pub(crate) struct CallState {
    limiter: Limiter,
    meter: Arc<Meter>,
    host_calls: HostCalls,
    began: Instant,
    deadline: Instant,
    cpu: Duration,
    breach: Breach,
    ran_out: Option<Stage>,
    stack_bytes: u64,
    plugin: Arc<PluginInfo>,
    hook: Option<Hook>,
    context: Option<Arc<HookContext>>,
    log: Option<Arc<CallLog>>,
    wasi: Option<Box<WasiState>>,
    requests: Requests,
    scratch: Scratch,
    /// What gives the stack back, once it was needed: a store keeps every function that is made for it.
    release: Option<Release>,
}

impl CallState {
    pub(crate) fn new(
        stack_bytes: u64,
        plugin: &Arc<PluginInfo>,
        hook: Option<Hook>,
        context: Option<&Arc<HookContext>>,
        allowance: Allowance,
        now: Instant,
    ) -> Self {
        Self {
            limiter: Limiter::new(&plugin.limits),
            meter: Arc::new(Meter::start(now)),
            host_calls: HostCalls::default(),
            began: now,
            deadline: now + allowance.time,
            cpu: allowance.cpu,
            breach: allowance.breach,
            ran_out: None,
            stack_bytes,
            plugin: Arc::clone(plugin),
            hook,
            context: context.map(Arc::clone),
            log: None,
            wasi: None,
            requests: Requests::default(),
            scratch: Scratch::default(),
            release: None,
        }
    }

    pub(crate) fn plugin(&self) -> &PluginInfo {
        &self.plugin
    }

    pub(crate) const fn hook(&self) -> Option<Hook> {
        self.hook
    }

    pub(crate) const fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// What the engine asks before it grants memory.
    pub(crate) fn limiter_mut(&mut self) -> &mut dyn ResourceLimiter {
        &mut self.limiter
    }

    /// Counts the processor time of the call.
    pub(crate) const fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// To be asked at a tick of the engine: whether the call has had all the time that it may take.
    pub(crate) fn is_out_of_time(&mut self, now: Instant) -> bool {
        self.host_calls.is_tick();
        if now >= self.deadline {
            self.ran_out = Some(self.breach.into());
        } else if self.meter.used(now) >= self.cpu {
            self.ran_out = Some(Stage::Cpu { limit_ms: self.plugin.limits.cpu_ms });
        }
        self.ran_out.is_some()
    }

    /// The limit on time that stopped it.
    pub(crate) const fn ran_out(&self) -> Option<&Stage> {
        self.ran_out.as_ref()
    }

    pub(crate) const fn stack_bytes(&self) -> u64 {
        self.stack_bytes
    }

    pub(crate) fn context(&self) -> &HookContext {
        self.context.as_deref().unwrap_or(&NOBODY)
    }

    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    pub(crate) fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    pub(crate) fn services(&self) -> &PluginServices {
        &self.plugin.services
    }

    /// Whether nobody is served by the call, so that it must have no effect.
    pub(crate) fn is_trial(&self) -> bool {
        self.plugin.is_trial || self.hook.is_none()
    }

    /// What a call without effect keeps.
    pub(crate) const fn scratch(&mut self) -> &mut Scratch {
        &mut self.scratch
    }

    pub(crate) const fn host_calls(&mut self) -> &mut HostCalls {
        &mut self.host_calls
    }

    /// What gives back the stack of this store's calls.
    pub(crate) const fn release(&mut self) -> &mut Option<Release> {
        &mut self.release
    }

    /// What the call has sent.
    pub(crate) const fn requests(&mut self) -> &mut Requests {
        &mut self.requests
    }

    /// Makes the state of a call that is over that of the next: what is counted, limited or known per call
    /// begins anew; what the instance has (memory, handles, streams) stays.
    pub(crate) fn begin_call(
        &mut self,
        hook: Hook,
        context: &Arc<HookContext>,
        allowance: Allowance,
        now: Instant,
    ) {
        self.end_call();
        // All fields by name, so that a new one is not forgotten here.
        let Self {
            limiter,
            meter,
            host_calls,
            began,
            deadline,
            cpu,
            breach,
            ran_out,
            stack_bytes: _,
            plugin: _,
            hook: own_hook,
            context: own_context,
            log: _,
            wasi: _,
            requests,
            scratch: _,
            release: _,
        } = self;
        limiter.forget_refusal();
        match Arc::get_mut(meter) {
            Some(own) => *own = Meter::start(now),
            None => *meter = Arc::new(Meter::start(now)),
        }
        *host_calls = HostCalls::default();
        (*began, *deadline) = (now, now + allowance.time);
        (*cpu, *breach, *ran_out) = (allowance.cpu, allowance.breach, None);
        (*own_hook, *own_context) = (Some(hook), Some(Arc::clone(context)));
        *requests = Requests::default();
        if self.wasi.is_some() {
            let log = Arc::clone(self.log());
            self.wasi().begin(&log);
        }
    }

    /// Forgets the call that is over: whom it served, and its log, which says now what it left out.
    pub(crate) fn end_call(&mut self) {
        if let Some(wasi) = &self.wasi {
            wasi.end();
        }
        self.log = None;
        self.hook = None;
        self.context = None;
        self.scratch = Scratch::default();
    }

    /// Whether the instance has so many handles that the next calls may run out of them.
    pub(crate) fn holds_many_handles(&mut self) -> bool {
        let most = size(self.plugin.limits.max_handles) / 2;
        self.wasi.as_mut().is_some_and(|wasi| wasi.handles() > most)
    }

    /// Made when the guest first writes something.
    pub(crate) fn log(&mut self) -> &Arc<CallLog> {
        self.log.get_or_insert_with(|| {
            let (plugin, context) = (Arc::clone(&self.plugin), self.context.clone().unwrap_or_default());
            Arc::new(CallLog::new(plugin, self.hook, context))
        })
    }

    /// Made when the guest first asks for anything of WASI: it costs as much as the rest of the store.
    pub(crate) fn wasi(&mut self) -> &mut WasiState {
        if self.wasi.is_none() {
            let log = Arc::clone(self.log());
            self.wasi = Some(Box::new(WasiState::new(&log, self.plugin.limits.max_handles)));
        }
        self.wasi.get_or_insert_with(|| unreachable!("it was just made"))
    }
}
