//! One call of one hook, from its place in the queue to an answer that can be used.
//!
//! Nothing survives a call: what one user's call leaves in memory is gone before the next begins. Only a
//! plugin whose manifest has `[reuse]` keeps instances, and only those whose call went well (see
//! [`super::idle`]). All futures here may be dropped half-way; the store goes with them.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use hookgate_core::hooks::{Hook, HookContext, Stage};

use super::bounded::bounded;
use super::breach::failure;
use super::fiber_stack;
use super::instance::{ask, start};
use super::live::Live;
use super::prepared::{PreparedPlugin, Room};
use super::store::FUEL;
use crate::contract::bindings::Shape;
use crate::contract::call::{CallReport, HookInput, HookOutput};
use crate::plugin::limits::size;
use crate::state::CallState;
use crate::state::allowance::Allowance;
use crate::text::{escape, truncate};

impl PreparedPlugin {
    /// Calls one hook, outside any chain: for tools and measurements. The answer has not been compared
    /// with the rules of its hook.
    ///
    /// # Errors
    /// The plugin gave no answer.
    pub async fn call(
        &self,
        context: &HookContext,
        input: HookInput<'_>,
    ) -> (Result<HookOutput, Stage>, CallReport) {
        let time = Allowance::of(self.limits());
        call(self, &Arc::new(context.clone()), input, time, Instant::now(), Ok).await
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
        Ok(answered) => answered.settle(plugin, check),
        Err(stage) => Err(stage),
    };
    report.total = began.elapsed();
    (result, report)
}

/// An answer, with what gave it and its place among the calls, until it is known whether it can be used.
struct Answered<'a> {
    output: HookOutput,
    ended: Instant,
    // Dropped in this order: the place is free when the instance is gone.
    live: Live,
    _room: Room<'a>,
}

impl Answered<'_> {
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
) -> Result<Answered<'a>, Stage> {
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

    let mut live = live(plugin, input.hook(), context, allowance, entered);
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
        Ok(output) => Ok(Answered { output, ended, live, _room: room }),
        // The runtime may be half-way through something: it is not used again.
        Err(text) => Err(Stage::Guest(escape(truncate(&text, size(limits.max_error_bytes))).into_owned())),
    }
}

/// What serves a call: an instance that waits, or a store for a new one.
fn live(
    plugin: &PreparedPlugin,
    hook: Hook,
    context: &Arc<HookContext>,
    allowance: Allowance,
    now: Instant,
) -> Live {
    let engine = plugin.engine();
    let Some(mut live) = plugin.idle().and_then(|idle| idle.take(now)) else {
        let stack = engine.config().stack_bytes;
        let state = CallState::new(stack, plugin.info(), Some(hook), Some(context), allowance, now);
        return Live::new(engine, state, now);
    };
    live.begin_call(engine, hook, context, allowance, now);
    live
}
