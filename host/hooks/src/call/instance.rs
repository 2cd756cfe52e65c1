//! An instance of a plugin: made, tried, asked.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookgate_core::hooks::{Hook, Stage};
use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, Instance, InstancePre};

use super::bounded::bounded;
use super::breach::failure;
use super::fiber_stack;
use super::store::store;
use crate::cause::{MAX_MESSAGE, chain_of};
use crate::contract::adapt;
use crate::contract::bindings::{
    EventParams, EventResult, GateParams, GateResult, MutationParams, MutationResult, PasskeyEventParams,
    Shape, TextEventParams, UserRecord,
};
use crate::contract::call::{HookInput, HookOutput};
use crate::engine::HookEngine;
use crate::plugin::info::PluginInfo;
use crate::state::CallState;
use crate::state::allowance::Allowance;
use crate::text::one_line;

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

/// Makes the instance of a store.
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

/// Calls the export of a hook.
pub(super) async fn ask(
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
