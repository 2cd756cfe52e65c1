//! What the plugins of one hook answer together.
//!
//! A gate ends at the first denial. A mutation hands each plugin what the one before answered, guarded
//! at every step. An event goes to one plugin at a time, since each has its own deliveries.

pub(crate) mod generation;
pub(crate) mod pinned;
pub(crate) mod registry;
pub(crate) mod step;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hookgate_core::JsonObject;
use hookgate_core::event::Event;
use hookgate_core::hooks::{
    Changes, Decision, DeliveryError, Denial, FailurePolicy, Given, Hook, HookChain, HookContext,
    HookFailure, HookKind, OnViolation, Restored, Stage, Violation, guard_claims, guard_session,
    restore_claims, restore_session,
};
use hookgate_core::user::User;

use crate::call::prepared::PreparedPlugin;
use crate::contract::call::{HookInput, HookOutput};
use crate::plugin::limits::{Limits, size};
use pinned::Pinned;
use step::Step;

#[async_trait]
impl HookChain for Pinned {
    fn generation(&self) -> u64 {
        self.generation().number()
    }

    fn implementers(&self, hook: Hook) -> &[String] {
        self.generation().names(hook)
    }

    async fn allow_signin(
        &self,
        context: &HookContext,
        user: &User,
        provider: &str,
    ) -> Result<Decision, HookFailure> {
        let chain = self.chain(Hook::AllowSignin);
        if chain.is_empty() {
            return Ok(Decision::Allow);
        }
        let context = Arc::new(context.clone());
        for plugin in chain {
            let step = Step { pinned: self, plugin, hook: Hook::AllowSignin, context: &context };
            let input = HookInput::AllowSignin { user, provider };
            match step.ask(input, decision).await {
                Ok(Decision::Allow) => {}
                Ok(Decision::Deny(denial)) => {
                    step.log_denial(&denial);
                    return Ok(Decision::Deny(denial));
                }
                Err(failure) => match plugin.on_failure(Hook::AllowSignin) {
                    FailurePolicy::Error => return Err(failure),
                    FailurePolicy::Deny => return Ok(Decision::Deny(denial_for(&failure))),
                    FailurePolicy::Skip => {}
                },
            }
        }
        Ok(Decision::Allow)
    }

    async fn modify_jwt(
        &self,
        context: &HookContext,
        claims: JsonObject,
        user: &User,
    ) -> Result<JsonObject, HookFailure> {
        let mutation = Mutation {
            hook: Hook::ModifyJwt,
            guard: guard_claims,
            restore: restore_claims,
            limit: |l| l.max_claims_bytes,
        };
        self.fold(mutation, context, claims, user).await
    }

    async fn modify_session(
        &self,
        context: &HookContext,
        session: JsonObject,
        user: &User,
    ) -> Result<JsonObject, HookFailure> {
        let mutation = Mutation {
            hook: Hook::ModifySession,
            guard: guard_session,
            restore: restore_session,
            limit: |l| l.max_session_bytes,
        };
        self.fold(mutation, context, session, user).await
    }

    async fn deliver(&self, plugin: &str, event: &Event, attempt: u32) -> Result<(), DeliveryError> {
        let plugins = self.generation().plugins();
        let Some(prepared) = plugins.iter().find(|prepared| prepared.name() == plugin) else {
            return Err(DeliveryError::NotLoaded(plugin.to_owned()));
        };
        if event.hook.kind() != HookKind::Event || prepared.export(event.hook).is_none() {
            return Err(DeliveryError::NotImplemented { plugin: plugin.to_owned(), hook: event.hook });
        }
        let context = Arc::new(HookContext {
            request: Arc::new(event.request.clone()),
            provider: event.provider.clone(),
            is_new: event.is_new,
            token_use: None,
            event_id: Some(event.id.clone()),
            attempt,
        });
        let input = HookInput::Event {
            hook: event.hook,
            user: &event.user,
            text: event.detail.as_deref().or(event.provider.as_deref()),
            passkey: event.passkey.as_ref(),
        };
        let step = Step { pinned: self, plugin: prepared, hook: event.hook, context: &context };
        match step.ask(input, |_| Ok(())).await {
            Err(HookFailure { plugin, stage: Stage::BreakerOpen { retry_ms }, .. }) => {
                Err(DeliveryError::BreakerOpen { plugin, retry_ms })
            }
            result => Ok(result?),
        }
    }
}

fn decision(output: HookOutput) -> Result<Decision, Stage> {
    match output {
        HookOutput::Decision(decision) => Ok(decision),
        _ => Err(Stage::Host("a gate gave no decision".to_owned())),
    }
}

/// What a failure is where it counts as a denial. The user gets the route's own words.
fn denial_for(failure: &HookFailure) -> Denial {
    Denial {
        code: None,
        message: None,
        reason: Some(format!("it {}", failure.stage)),
        plugin: failure.plugin.clone(),
    }
}

/// What the two mutations differ in.
#[derive(Clone, Copy)]
struct Mutation {
    hook: Hook,
    guard: fn(&Given<'_>, &str, usize) -> Result<Changes, Violation>,
    restore: fn(&Given<'_>, &str, usize) -> Result<Restored, Violation>,
    limit: fn(&Limits) -> u64,
}

impl Pinned {
    fn chain(&self, hook: Hook) -> &[Arc<PreparedPlugin>] {
        self.generation().chain(hook)
    }

    async fn fold(
        &self,
        mutation: Mutation,
        context: &HookContext,
        mut object: JsonObject,
        user: &User,
    ) -> Result<JsonObject, HookFailure> {
        let hook = mutation.hook;
        let chain = self.chain(hook);
        if chain.is_empty() {
            return Ok(object);
        }
        let context = Arc::new(context.clone());
        for plugin in chain {
            let step = Step { pinned: self, plugin, hook, context: &context };
            // Written anew for each plugin: an answer handed on as it came could mean one thing to the
            // guard and another to the next plugin's parser (a doubled key, say).
            let given = Given::of(&object)
                .map_err(|error| step.failed(Stage::Host(error.to_string()), Duration::ZERO))?;
            let input = match hook {
                Hook::ModifySession => HookInput::ModifySession { session: given.text(), user },
                _ => HookInput::ModifyJwt { claims: given.text(), user },
            };
            let guarded = |output: HookOutput| match output {
                HookOutput::Json(answer) => Ok(step.accept(mutation, &given, &answer)?),
                _ => Err(Stage::Host("a mutation gave no object".to_owned())),
            };
            match step.ask(input, guarded).await {
                Ok(changes) => changes.apply(&mut object),
                Err(_) if plugin.on_failure(hook) == FailurePolicy::Skip => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(object)
    }
}

impl Step<'_> {
    /// Compares a mutation's answer with what was given.
    fn accept(&self, mutation: Mutation, given: &Given<'_>, answer: &str) -> Result<Changes, Violation> {
        let limit = size((mutation.limit)(self.plugin.limits()));
        if self.plugin.on_violation() == OnViolation::Fail {
            return (mutation.guard)(given, answer, limit);
        }
        let Restored { changes, violations } = (mutation.restore)(given, answer, limit)?;
        for violation in violations {
            tracing::warn!(
                plugin = self.plugin.name(),
                digest = &*self.plugin.info().digest_short,
                hook = self.hook.name(),
                request.id = &*self.context.request.id,
                "a plugin's answer was repaired: {violation}"
            );
        }
        Ok(changes)
    }
}
