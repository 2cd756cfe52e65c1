//! One call's store and instance: made, called, measured, dropped.
//!
//! Nothing survives a call: what one user's call leaves in memory is gone before the next begins. All
//! futures here may be dropped half-way; the store goes with them.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use hookgate_core::hooks::{Hook, HookContext, Stage};
use wasmtime::component::{ComponentExportIndex, Instance, InstancePre};
use wasmtime::{Store, Trap, UpdateDeadline};

use crate::adapt;
use crate::bindings::{
    EventParams, EventResult, GateParams, GateResult, MutationParams, MutationResult, PasskeyEventParams,
    Shape, TextEventParams, UserRecord,
};
use crate::call::{CallReport, HookInput, HookOutput};
use crate::capability::wasi::WasiState;
use crate::capability::{CallLog, Scratch};
use crate::engine::HookEngine;
use crate::limiter::{Limiter, Shortage};
use crate::limits::size;
use crate::prepared::{PluginInfo, PreparedPlugin};
use crate::services::PluginServices;
use crate::text::{escape, one_line, truncate};
use crate::ticker::TICK;

/// Error messages of the engine are cut here; the whole of it is in the debug log.
const MAX_MESSAGE: usize = 300;

/// More than any call can burn: fuel is there to count, the clock is what limits.
const FUEL: u64 = u64::MAX;

/// What host functions see of the call that they serve.
pub(crate) struct CallState {
    limiter: Limiter,
    began: Instant,
    deadline: Instant,
    plugin: Arc<PluginInfo>,
    hook: Option<Hook>,
    context: Arc<HookContext>,
    log: Option<Arc<CallLog>>,
    wasi: Option<Box<WasiState>>,
    http_requests: u64,
    scratch: Scratch,
}

impl CallState {
    pub(crate) fn plugin(&self) -> &PluginInfo {
        &self.plugin
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
    pub(crate) const fn is_trial(&self) -> bool {
        self.hook.is_none()
    }

    /// What a call without effect keeps.
    pub(crate) const fn scratch(&mut self) -> &mut Scratch {
        &mut self.scratch
    }

    /// Whether the call may make one more request.
    pub(crate) fn count_request(&mut self) -> bool {
        self.http_requests += 1;
        self.http_requests <= self.plugin.limits.http_requests
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

/// Calls one hook of a plugin.
pub(crate) async fn call(
    plugin: &PreparedPlugin,
    context: &Arc<HookContext>,
    input: HookInput<'_>,
) -> (Result<HookOutput, Stage>, CallReport) {
    let began = Instant::now();
    let mut report = CallReport::default();
    let result = enter_and_call(plugin, context, input, began, &mut report).await;
    report.total = began.elapsed();
    (result, report)
}

async fn enter_and_call(
    plugin: &PreparedPlugin,
    context: &Arc<HookContext>,
    input: HookInput<'_>,
    began: Instant,
    report: &mut CallReport,
) -> Result<HookOutput, Stage> {
    let Some(export) = plugin.export(input.hook()) else {
        return Err(Stage::Host(format!("the plugin does not implement {}", input.hook())));
    };
    if let HookInput::Event { hook, passkey: None, .. } = input
        && Shape::of(hook) == Shape::PasskeyEvent
    {
        return Err(Stage::Host("the event came without its passkey".to_owned()));
    }
    let limits = &plugin.info().limits;
    let _room = plugin.enter().await?;
    let entered = Instant::now();
    report.wait = entered - began;

    let mut store =
        store(plugin.engine(), plugin.info(), Some(input.hook()), context, entered + limits.time());
    let answer = bounded(limits.time(), limits.time_ms, async {
        let instance = start(&mut store, plugin.pre(), limits.time_ms).await?;
        let started = Instant::now();
        report.instantiate = started - entered;
        let answer = ask(&mut store, &instance, export, input).await;
        report.guest = started.elapsed();
        answer.map_err(|error| failure(&error, &store, limits.time_ms, Stage::Trap))
    })
    .await;
    report.peak_memory = store.data().limiter.memory();
    // Only then: a store without fuel answers with an error, whose backtrace would cost more than the call.
    if plugin.engine().config().count_instructions {
        report.instructions = store.get_fuel().ok().map(|left| FUEL - left);
    }
    answer?.map_err(|text| Stage::Guest(escape(truncate(&text, size(limits.max_error_bytes))).into_owned()))
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
    let limit = engine.start_limit();
    let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    let began = Instant::now();
    let mut store = store(engine, info, None, &Arc::default(), began + limit);
    let instance =
        bounded(limit, limit_ms, start(&mut store, pre, limit_ms)).await.map_err(StartError::Failed)?;
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

fn store(
    engine: &HookEngine,
    plugin: &Arc<PluginInfo>,
    hook: Option<Hook>,
    context: &Arc<HookContext>,
    deadline: Instant,
) -> Store<CallState> {
    let limits = &plugin.limits;
    let mut store = Store::new(
        engine.wasmtime(),
        CallState {
            limiter: Limiter::new(limits),
            began: Instant::now(),
            deadline,
            plugin: Arc::clone(plugin),
            hook,
            context: Arc::clone(context),
            log: None,
            wasi: None,
            http_requests: 0,
            scratch: Scratch::default(),
        },
    );
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(size(limits.hostcall_bytes));
    store.set_max_component_handles(size(limits.max_handles));
    if engine.config().count_instructions && store.set_fuel(FUEL).is_err() {
        tracing::debug!("instructions are not counted: the engine has no fuel");
    }
    // The next tick, never u64::MAX: the value is added to the current epoch and would wrap.
    store.set_epoch_deadline(1);
    // By the wall clock, so that a late ticker on a busy machine makes nobody's time longer. In between
    // the guest gives way: with tokio's own yield, since a task that merely wakes itself is run again
    // dozens of times before its thread looks at the network.
    store.epoch_deadline_callback(|call| {
        Ok(if Instant::now() >= call.data().deadline {
            UpdateDeadline::Interrupt
        } else {
            UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now()))
        })
    });
    store
}

async fn start(
    store: &mut Store<CallState>,
    pre: &InstancePre<CallState>,
    limit_ms: u64,
) -> Result<Instance, Stage> {
    match pre.instantiate_async(&mut *store).await {
        Ok(instance) => Ok(instance),
        Err(error) => Err(failure(&error, store, limit_ms, Stage::Instantiate)),
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
/// and turns a panic of the host into a failure of this call.
async fn bounded<T>(
    time: Duration,
    limit_ms: u64,
    call: impl Future<Output = Result<T, Stage>>,
) -> Result<T, Stage> {
    // One tick more than the guest has: where both would do, the interrupt knows more.
    match tokio::time::timeout(time + TICK, catch_panic(call)).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(Stage::Host(format!("a panic: {panic}"))),
        Err(_) => Err(Stage::Deadline { limit_ms }),
    }
}

async fn catch_panic<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| match std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panic) => Poll::Ready(Err(panic_text(&*panic))),
    })
    .await
}

pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message");
    one_line(text, MAX_MESSAGE)
}

/// What an error of the engine means.
fn failure(
    error: &wasmtime::Error,
    store: &Store<CallState>,
    limit_ms: u64,
    otherwise: fn(String) -> Stage,
) -> Stage {
    let CallState { plugin, hook, limiter, .. } = store.data();
    tracing::debug!(
        plugin = &*plugin.name,
        hook = hook.map(Hook::name),
        error = %escape(truncate(&format!("{error:?}"), 8 * 1024)),
        "a hook call ended early"
    );
    let trap = error.downcast_ref::<Trap>();
    if trap == Some(&Trap::Interrupt) {
        return Stage::Deadline { limit_ms };
    }
    match limiter.refused() {
        Some(Shortage::Memory) => return Stage::Memory { limit_bytes: plugin.limits.memory_bytes },
        Some(Shortage::Table) => {
            return otherwise(format!("wanted more than {} table elements", plugin.limits.table_elements));
        }
        None => {}
    }
    if let Some(trap) = trap {
        let text = trap.to_string();
        return otherwise(text.strip_prefix("wasm trap: ").unwrap_or(&text).to_owned());
    }
    if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
        return otherwise(format!("exited with code {} instead of answering", exit.0));
    }
    otherwise(one_line(&error.root_cause().to_string(), MAX_MESSAGE))
}

/// An error with its causes, in one line, without the backtrace.
pub(crate) fn chain_of(error: &wasmtime::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = one_line(&cause.to_string(), MAX_MESSAGE);
        if !text.is_empty() && !text.starts_with("error while executing") {
            texts.push(text);
        }
    }
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_of_the_host_costs_one_call() {
        let outcome =
            bounded::<()>(Duration::from_secs(10), 10_000, async { panic!("out of {}", "luck") }).await;
        assert_eq!(outcome, Err(Stage::Host("a panic: out of luck".to_owned())));
    }

    #[tokio::test]
    async fn waiting_in_the_host_ends_with_the_time() {
        let outcome = bounded::<()>(Duration::from_millis(5), 5, std::future::pending()).await;
        assert_eq!(outcome, Err(Stage::Deadline { limit_ms: 5 }));
    }
}
