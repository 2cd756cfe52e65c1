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
use crate::allowance::Allowance;
use crate::bindings::{
    EventParams, EventResult, GateParams, GateResult, MutationParams, MutationResult, PasskeyEventParams,
    Shape, TextEventParams, UserRecord,
};
use crate::breach::failure;
use crate::call::{CallReport, HookInput, HookOutput};
use crate::call_state::CallState;
use crate::cause::{MAX_MESSAGE, chain_of, panic_text};
use crate::engine::HookEngine;
use crate::fiber_stack;
use crate::limits::size;
use crate::live::Live;
use crate::meter::Meter;
use crate::plugin_info::PluginInfo;
use crate::prepared::{PreparedPlugin, Room};
use crate::text::{escape, one_line, truncate};
use crate::ticker::TICK;

/// More than any call can burn: fuel is there to count, the clock is what limits.
const FUEL: u64 = u64::MAX;

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
    ended: Instant,
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
        let Self { _room, output, live, ended } = self;
        let Some(idle) = plugin.idle() else {
            drop(live);
            return check(output);
        };
        let checked = check(output)?;
        idle.put(live, ended);
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
    let meter = Arc::clone(store.data().meter());
    // A kept instance is there at once.
    let mut started = instance.map(|_| entered);
    let answer = bounded(
        allowance,
        &meter,
        pin!(async {
            let instance = match *instance {
                Some(instance) => instance,
                None => {
                    let instance = *instance.insert(start(store, plugin.pre()).await?);
                    started = Some(Instant::now());
                    instance
                }
            };
            let answer = ask(store, &instance, export, input).await;
            answer.map_err(|error| failure(&error, store, Stage::Trap))
        }),
    )
    .await;
    let ended = meter.paused();
    let started = started.unwrap_or(ended);
    (report.instantiate, report.guest) = (started - entered, ended - started);
    report.cpu = meter.total();
    report.host = store.data_mut().host_calls().total();
    report.peak_memory = store.data().limiter().memory();
    // Only then: a store without fuel answers with an error, whose backtrace would cost more than the call.
    if plugin.engine().config().count_instructions {
        report.instructions = store.get_fuel().ok().map(|left| FUEL - left);
    }
    fiber_stack::give_back_if_deep(&answer, report.cpu, store, plugin.engine()).await;
    match answer? {
        Ok(output) => Ok(Served { output, ended, live, _room: room }),
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
    let allowance = Allowance::of_start(engine.start_limit());
    let state = CallState::new(engine.config().stack_bytes, info, None, None, allowance, began);
    let mut store = store(engine, state);
    let meter = Arc::clone(store.data().meter());
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

/// A store for the calls that begin with this one.
pub(crate) fn store(engine: &HookEngine, state: CallState) -> Store<CallState> {
    let (limits, imports_wasi) = (state.plugin().limits, state.plugin().imports_wasi);
    let mut store = Store::new(engine.wasmtime(), state);
    store.limiter(CallState::limiter_mut);
    store.set_hostcall_fuel(size(limits.hostcall_bytes));
    store.set_max_component_handles(size(limits.max_handles));
    wind_up(&mut store, engine);
    // By the wall clock, so that a late ticker on a busy machine makes nobody's time longer. In between
    // the guest gives way: with tokio's own yield, since a task that merely wakes itself is run again
    // dozens of times before its thread looks at the network.
    store.epoch_deadline_callback(|mut call| {
        if call.data_mut().is_out_of_time(Instant::now()) {
            return Ok(UpdateDeadline::Interrupt);
        }
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
    });
    if imports_wasi {
        time_host_calls(&mut store);
    }
    store
}

/// Has the engine time every host function, for those that can't do it themselves. It costs as much as a small
/// host function.
fn time_host_calls(store: &mut Store<CallState>) {
    store.call_hook(|mut call, transition| {
        match transition {
            CallHook::CallingHost => call.data_mut().host_calls().enter(),
            CallHook::ReturningFromHost => call.data_mut().host_calls().leave(),
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
                let (decision, code_dropped) = adapt::decision(answer, &store.data().plugin().name);
                if code_dropped {
                    let (plugin, context) = (store.data().plugin(), store.data().context());
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
    // Set only for a call that is not over at once, as most are.
    let mut timer = pin!(None);
    poll_fn(|cx| {
        if let Poll::Ready(answer) = meter.measure(|| poll_or_panic(call.as_mut(), cx)) {
            return Poll::Ready(answer.unwrap_or_else(|panic| Err(Stage::Host(format!("a panic: {panic}")))));
        }
        if timer.is_none() {
            // One tick more than the guest has: where both would do, the interrupt knows more.
            let end = meter.began() + allowance.time + TICK;
            timer.set(Some(tokio::time::sleep_until(end.into())));
        }
        match timer.as_mut().as_pin_mut() {
            Some(timer) => timer.poll(cx).map(|()| Err(allowance.breach.into())),
            None => Poll::Pending,
        }
    })
    .await
}

fn poll_or_panic<F: Future>(call: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<Result<F::Output, String>> {
    match std::panic::catch_unwind(AssertUnwindSafe(|| call.poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic_text(&*panic))),
    }
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
