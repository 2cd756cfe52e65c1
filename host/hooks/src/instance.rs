//! One call's store and instance: made, called, measured, dropped.
//!
//! Nothing survives a call: what one user's call leaves in memory is gone before the next begins. Only a
//! plugin whose manifest has `[reuse]` keeps instances, and only those whose call went well (see
//! [`crate::idle`]). All futures here may be dropped half-way; the store goes with them.

use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hookgate_core::hooks::{Hook, HookContext, Stage};
use wasmtime::component::{ComponentExportIndex, Instance, InstancePre};
use wasmtime::{CallHook, Store, UpdateDeadline};

use crate::adapt;
use crate::allowance::{Allowance, Breach};
use crate::bindings::{
    EventParams, EventResult, GateParams, GateResult, MutationParams, MutationResult, PasskeyEventParams,
    Shape, TextEventParams, UserRecord,
};
use crate::breach::{MAX_MESSAGE, chain_of, failure};
use crate::call::{CallReport, HookInput, HookOutput};
use crate::capability::wasi::WasiState;
use crate::capability::{CallLog, Requests, Scratch};
use crate::engine::HookEngine;
use crate::fiber_stack::{self, Release};
use crate::host_calls::HostCalls;
use crate::limiter::Limiter;
use crate::limits::size;
use crate::live::Live;
use crate::meter::Meter;
use crate::prepared::{PluginInfo, PreparedPlugin, Room};
use crate::services::PluginServices;
use crate::text::{escape, one_line, truncate};
use crate::ticker::TICK;

/// More than any call can burn: fuel is there to count, the clock is what limits.
const FUEL: u64 = u64::MAX;

/// What host functions see of the call that they serve.
pub(crate) struct CallState {
    limiter: Limiter,
    pub(crate) meter: Arc<Meter>,
    host_calls: HostCalls,
    began: Instant,
    deadline: Instant,
    cpu: Duration,
    breach: Breach,
    ran_out: Option<Stage>,
    stack_bytes: u64,
    plugin: Arc<PluginInfo>,
    hook: Option<Hook>,
    context: Arc<HookContext>,
    log: Option<Arc<CallLog>>,
    wasi: Option<Box<WasiState>>,
    requests: Requests,
    scratch: Scratch,
    /// What gives the stack back, once it was needed: a store keeps every function that is made for it.
    release: Option<Release>,
}

impl CallState {
    pub(crate) fn plugin(&self) -> &PluginInfo {
        &self.plugin
    }

    pub(crate) const fn hook(&self) -> Option<Hook> {
        self.hook
    }

    pub(crate) const fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// The limit on time that stopped it.
    pub(crate) const fn ran_out(&self) -> Option<&Stage> {
        self.ran_out.as_ref()
    }

    pub(crate) const fn stack_bytes(&self) -> u64 {
        self.stack_bytes
    }

    pub(crate) fn context(&self) -> &HookContext {
        &self.context
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
        *meter = Meter::start(now);
        *host_calls = HostCalls::default();
        (*began, *deadline) = (now, now + allowance.time);
        (*cpu, *breach, *ran_out) = (allowance.cpu, allowance.breach, None);
        (*own_hook, *own_context) = (Some(hook), Arc::clone(context));
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
        self.context = Arc::default();
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
            let (plugin, context) = (Arc::clone(&self.plugin), Arc::clone(&self.context));
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

/// Calls one hook of a plugin. `check` decides whether its answer can be used, and with it whether the
/// instance may be used again. `began` is now: clocks cost, so whoever has looked at one says so.
pub(crate) async fn call<T>(
    plugin: &PreparedPlugin,
    context: &Arc<HookContext>,
    input: HookInput<'_>,
    allowance: Allowance,
    began: Instant,
    check: impl FnOnce(HookOutput) -> Result<T, Stage>,
) -> (Result<T, Stage>, CallReport) {
    let mut report = CallReport::default();
    let result = match enter_and_call(plugin, context, input, allowance, began, &mut report).await {
        Ok(served) => served.settle(plugin, check),
        Err(stage) => Err(stage),
    };
    report.total = began.elapsed();
    (result, report)
}

/// An answer, with what gave it and its place among the calls, until it is known whether it can be used.
struct Served<'a> {
    output: HookOutput,
    // Dropped in this order: the place is free when the instance is gone.
    live: Live,
    _room: Room<'a>,
}

impl Served<'_> {
    fn settle<T>(
        self,
        plugin: &PreparedPlugin,
        check: impl FnOnce(HookOutput) -> Result<T, Stage>,
    ) -> Result<T, Stage> {
        // The place goes last here, too.
        let Self { _room, output, live } = self;
        let Some(idle) = plugin.idle() else {
            drop(live);
            return check(output);
        };
        let checked = check(output)?;
        idle.put(live, Instant::now());
        Ok(checked)
    }
}

async fn enter_and_call<'a>(
    plugin: &'a PreparedPlugin,
    context: &Arc<HookContext>,
    input: HookInput<'_>,
    allowance: Allowance,
    began: Instant,
    report: &mut CallReport,
) -> Result<Served<'a>, Stage> {
    let Some(export) = plugin.export(input.hook()) else {
        return Err(Stage::Host(format!("the plugin does not implement {}", input.hook())));
    };
    if let HookInput::Event { hook, passkey: None, .. } = input
        && Shape::of(hook) == Shape::PasskeyEvent
    {
        return Err(Stage::Host("the event came without its passkey".to_owned()));
    }
    let limits = &plugin.info().limits;
    let (room, entered) = plugin.enter(allowance.patience, began).await?;
    report.wait = entered - began;

    let mut live = Live::of(plugin, input.hook(), context, allowance, entered);
    report.reused = live.instance.is_some();
    let Live { store, instance, .. } = &mut live;
    let meter = Arc::clone(&store.data().meter);
    let answer = bounded(
        allowance,
        &meter,
        pin!(async {
            let instance = match *instance {
                Some(instance) => instance,
                None => *instance.insert(start(store, plugin.pre()).await?),
            };
            let started = Instant::now();
            report.instantiate = started - entered;
            let answer = ask(store, &instance, export, input).await;
            report.guest = started.elapsed();
            answer.map_err(|error| failure(&error, store, Stage::Trap))
        }),
    )
    .await;
    report.cpu = meter.total();
    report.host = store.data().host_calls.total();
    report.peak_memory = store.data().limiter.memory();
    // Only then: a store without fuel answers with an error, whose backtrace would cost more than the call.
    if plugin.engine().config().count_instructions {
        report.instructions = store.get_fuel().ok().map(|left| FUEL - left);
    }
    fiber_stack::give_back_if_deep(&answer, report.cpu, store, plugin.engine()).await;
    match answer? {
        Ok(output) => Ok(Served { output, live, _room: room }),
        // The runtime may be half-way through something: it is not used again.
        Err(text) => Err(Stage::Guest(escape(truncate(&text, size(limits.max_error_bytes))).into_owned())),
    }
}

/// Why a first instance could not be made or does not fit.
pub(crate) enum StartError {
    Failed(Stage),
    /// The export of this hook has other types than the contract's.
    Signature(Hook, String),
}

/// Makes one instance, calls nothing, and compares the types of its exports with the contract's.
pub(crate) async fn try_start(
    engine: &HookEngine,
    info: &Arc<PluginInfo>,
    pre: &InstancePre<CallState>,
    exports: &[(Hook, ComponentExportIndex)],
) -> Result<Duration, StartError> {
    let began = Instant::now();
    let allowance = Allowance::of_start(engine);
    let mut store = store(engine, info, None, &Arc::default(), allowance, began);
    let meter = Arc::clone(&store.data().meter);
    let instance = bounded(allowance, &meter, pin!(start(&mut store, pre))).await;
    fiber_stack::give_back_if_deep(&instance, meter.total(), &mut store, engine).await;
    let instance = instance.map_err(StartError::Failed)?;
    let took = began.elapsed();
    for (hook, export) in exports {
        let checked = match Shape::of(*hook) {
            Shape::Gate => {
                instance.get_typed_func::<GateParams<'_>, GateResult>(&mut store, export).map(drop)
            }
            Shape::Mutation => {
                instance.get_typed_func::<MutationParams<'_>, MutationResult>(&mut store, export).map(drop)
            }
            Shape::Event => {
                instance.get_typed_func::<EventParams<'_>, EventResult>(&mut store, export).map(drop)
            }
            Shape::TextEvent => {
                instance.get_typed_func::<TextEventParams<'_>, EventResult>(&mut store, export).map(drop)
            }
            Shape::PasskeyEvent => {
                instance.get_typed_func::<PasskeyEventParams<'_>, EventResult>(&mut store, export).map(drop)
            }
        };
        checked.map_err(|error| StartError::Signature(*hook, one_line(&chain_of(&error), MAX_MESSAGE)))?;
    }
    Ok(took)
}

pub(crate) fn store(
    engine: &HookEngine,
    plugin: &Arc<PluginInfo>,
    hook: Option<Hook>,
    context: &Arc<HookContext>,
    allowance: Allowance,
    now: Instant,
) -> Store<CallState> {
    let limits = &plugin.limits;
    let mut store = Store::new(
        engine.wasmtime(),
        CallState {
            limiter: Limiter::new(limits),
            meter: Meter::start(now),
            host_calls: HostCalls::default(),
            began: now,
            deadline: now + allowance.time,
            cpu: allowance.cpu,
            breach: allowance.breach,
            ran_out: None,
            stack_bytes: engine.config().stack_bytes,
            plugin: Arc::clone(plugin),
            hook,
            context: Arc::clone(context),
            log: None,
            wasi: None,
            requests: Requests::default(),
            scratch: Scratch::default(),
            release: None,
        },
    );
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(size(limits.hostcall_bytes));
    store.set_max_component_handles(size(limits.max_handles));
    wind_up(&mut store, engine);
    // By the wall clock, so that a late ticker on a busy machine makes nobody's time longer. In between
    // the guest gives way: with tokio's own yield, since a task that merely wakes itself is run again
    // dozens of times before its thread looks at the network.
    store.epoch_deadline_callback(|mut call| {
        let state = call.data_mut();
        state.host_calls.is_tick();
        let now = Instant::now();
        if now >= state.deadline {
            state.ran_out = Some(state.breach.into());
            return Ok(UpdateDeadline::Interrupt);
        }
        if state.meter.used(now) >= state.cpu {
            state.ran_out = Some(Stage::Cpu { limit_ms: state.plugin.limits.cpu_ms });
            return Ok(UpdateDeadline::Interrupt);
        }
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
    });
    if plugin.imports_wasi {
        time_host_calls(&mut store);
    }
    store
}

/// Has the engine time every host function, for those that can't do it themselves. It costs as much as a small
/// host function.
fn time_host_calls(store: &mut Store<CallState>) {
    store.call_hook(|mut call, transition| {
        match transition {
            CallHook::CallingHost => call.data_mut().host_calls.enter(),
            CallHook::ReturningFromHost => call.data_mut().host_calls.leave(),
            CallHook::CallingWasm | CallHook::ReturningFromWasm => {}
        }
        Ok(())
    });
}

/// What the engine counts of each call.
pub(crate) fn wind_up(store: &mut Store<CallState>, engine: &HookEngine) {
    if engine.config().count_instructions && store.set_fuel(FUEL).is_err() {
        tracing::debug!("instructions are not counted: the engine has no fuel");
    }
    // The next tick, never u64::MAX: the value is added to the current epoch and would wrap.
    store.set_epoch_deadline(1);
}

pub(crate) async fn start(
    store: &mut Store<CallState>,
    pre: &InstancePre<CallState>,
) -> Result<Instance, Stage> {
    match pre.instantiate_async(&mut *store).await {
        Ok(instance) => Ok(instance),
        Err(error) => Err(failure(&error, store, Stage::Instantiate)),
    }
}

type Answer = Result<HookOutput, String>;

async fn ask(
    store: &mut Store<CallState>,
    instance: &Instance,
    export: &ComponentExportIndex,
    input: HookInput<'_>,
) -> wasmtime::Result<Answer> {
    match input {
        HookInput::AllowSignin { user, provider } => {
            let hook = instance.get_typed_func::<GateParams<'_>, GateResult>(&mut *store, export)?;
            let (answer,) = hook.call_async(&mut *store, (user.into(), provider)).await?;
            Ok(answer.map(|answer| {
                let (decision, code_dropped) = adapt::decision(answer, &store.data().plugin.name);
                if code_dropped {
                    let CallState { plugin, context, .. } = store.data();
                    tracing::warn!(
                        plugin = &*plugin.name,
                        digest = &*plugin.digest_short,
                        hook = Hook::AllowSignin.name(),
                        request.id = &*context.request.id,
                        "the code of a denial was left out: only a-z, 0-9, `_`, `.` and `-` are allowed"
                    );
                }
                HookOutput::Decision(decision)
            }))
        }
        HookInput::ModifyJwt { claims: json, user } | HookInput::ModifySession { session: json, user } => {
            let hook = instance.get_typed_func::<MutationParams<'_>, MutationResult>(&mut *store, export)?;
            let (answer,) = hook.call_async(&mut *store, (json, user.into())).await?;
            Ok(answer.map(HookOutput::Json))
        }
        HookInput::Event { hook, user, text, passkey } => {
            let user = UserRecord::from(user);
            let (answer,) = match (Shape::of(hook), passkey) {
                (Shape::TextEvent, _) => {
                    instance
                        .get_typed_func::<TextEventParams<'_>, EventResult>(&mut *store, export)?
                        .call_async(&mut *store, (user, text.unwrap_or_default()))
                        .await?
                }
                (Shape::PasskeyEvent, Some(passkey)) => {
                    instance
                        .get_typed_func::<PasskeyEventParams<'_>, EventResult>(&mut *store, export)?
                        .call_async(&mut *store, (user, passkey.into()))
                        .await?
                }
                _ => {
                    instance
                        .get_typed_func::<EventParams<'_>, EventResult>(&mut *store, export)?
                        .call_async(&mut *store, (user,))
                        .await?
                }
            };
            Ok(answer.map(|()| HookOutput::Taken))
        }
    }
}

/// Waits for a call, but not beyond its time (a guest may wait in the host, where no epoch reaches it),
/// and turns a panic of the host into a failure of this call. The call is pinned by whoever makes it: it is
/// large, and each layer that owned it would copy it.
pub(crate) async fn bounded<T>(
    allowance: Allowance,
    meter: &Meter,
    mut call: Pin<&mut impl Future<Output = Result<T, Stage>>>,
) -> Result<T, Stage> {
    let metered = poll_fn(|cx| meter.measure(|| poll_or_panic(call.as_mut(), cx)));
    // One tick more than the guest has: where both would do, the interrupt knows more.
    match tokio::time::timeout(allowance.time + TICK, metered).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(Stage::Host(format!("a panic: {panic}"))),
        Err(_) => Err(allowance.breach.into()),
    }
}

fn poll_or_panic<F: Future>(call: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<Result<F::Output, String>> {
    match std::panic::catch_unwind(AssertUnwindSafe(|| call.poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic_text(&*panic))),
    }
}

pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message");
    one_line(text, MAX_MESSAGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn of_millis(time_ms: u64) -> Allowance {
        Allowance::of(&Limits { time_ms, ..Limits::default() })
    }

    #[tokio::test]
    async fn a_panic_of_the_host_costs_one_call() {
        let meter = Meter::start(Instant::now());
        let outcome =
            bounded::<()>(of_millis(10_000), &meter, pin!(async { panic!("out of {}", "luck") })).await;
        assert_eq!(outcome, Err(Stage::Host("a panic: out of luck".to_owned())));
    }

    #[tokio::test]
    async fn waiting_in_the_host_ends_with_the_time() {
        let meter = Meter::start(Instant::now());
        let outcome = bounded::<()>(of_millis(5), &meter, pin!(std::future::pending())).await;
        assert_eq!(outcome, Err(Stage::Deadline { limit_ms: 5 }));
    }
}
