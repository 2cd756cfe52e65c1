//! What the plugins of one hook answer together.
//!
//! A gate ends at the first denial. A mutation hands each plugin what the one before answered, guarded
//! at every step. An event goes to one plugin at a time, since each has its own deliveries.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hookgate_core::JsonObject;
use hookgate_core::event::Event;
use hookgate_core::hooks::{
    Decision, DeliveryError, Hook, HookChain, HookContext, HookFailure, HookKind, OnViolation, Restored,
    Stage, Violation, guard_claims, guard_session, restore_claims, restore_session,
};
use hookgate_core::user::User;

use crate::call::{HookInput, HookOutput};
use crate::generation::Generation;
use crate::instance;
use crate::limits::{Limits, size};
use crate::prepared::PreparedPlugin;

#[async_trait]
impl HookChain for Generation {
    fn generation(&self) -> u64 {
        self.number()
    }

    fn implementers(&self, hook: Hook) -> &[String] {
        self.names(hook)
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
            let step = Step { plugin, hook: Hook::AllowSignin, context: &context };
            let (output, _) = step.ask(HookInput::AllowSignin { user, provider }).await?;
            if let HookOutput::Decision(Decision::Deny(denial)) = output {
                tracing::info!(
                    plugin = plugin.name(),
                    digest = &*plugin.info().digest_short,
                    hook = Hook::AllowSignin.name(),
                    request.id = &*context.request.id,
                    code = denial.code.as_deref(),
                    reason = denial.reason.as_deref(),
                    "a plugin denied the sign-in"
                );
                return Ok(Decision::Deny(denial));
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
        let Some(prepared) = self.plugins().iter().find(|prepared| prepared.name() == plugin) else {
            return Err(DeliveryError::NotLoaded(plugin.to_owned()));
        };
        if event.hook.kind() != HookKind::Event || prepared.export(event.hook).is_none() {
            return Err(DeliveryError::NotImplemented { plugin: plugin.to_owned(), hook: event.hook });
        }
        let context = Arc::new(HookContext {
            request: event.request.clone(),
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
        Step { plugin: prepared, hook: event.hook, context: &context }.ask(input).await?;
        Ok(())
    }
}

/// What the two mutations differ in.
#[derive(Clone, Copy)]
struct Mutation {
    hook: Hook,
    guard: fn(&JsonObject, &str, usize) -> Result<JsonObject, Violation>,
    restore: fn(&JsonObject, &str, usize) -> Result<Restored, Violation>,
    limit: fn(&Limits) -> u64,
}

impl Generation {
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
            let step = Step { plugin, hook, context: &context };
            // Written anew for each plugin: an answer handed on as it came could mean one thing to the
            // guard and another to the next plugin's parser (a doubled key, say).
            let text = serde_json::to_string(&object)
                .map_err(|error| step.failed(Stage::Host(error.to_string()), Duration::ZERO))?;
            let input = match hook {
                Hook::ModifySession => HookInput::ModifySession { session: &text, user },
                _ => HookInput::ModifyJwt { claims: &text, user },
            };
            let (output, took) = step.ask(input).await?;
            if let HookOutput::Json(answer) = output {
                object = step
                    .accept(mutation, &object, &answer)
                    .map_err(|violation| step.failed(Stage::Answer(violation), took))?;
            }
        }
        Ok(object)
    }
}

/// One plugin's turn.
struct Step<'a> {
    plugin: &'a PreparedPlugin,
    hook: Hook,
    context: &'a Arc<HookContext>,
}

impl Step<'_> {
    async fn ask(&self, input: HookInput<'_>) -> Result<(HookOutput, Duration), HookFailure> {
        self.plugin.tally().called();
        let (result, report) = instance::call(self.plugin, self.context, input).await;
        match result {
            Ok(output) => Ok((output, report.total)),
            Err(stage) => Err(self.failed(stage, report.total)),
        }
    }

    /// Compares a mutation's answer with what was given.
    fn accept(&self, mutation: Mutation, before: &JsonObject, answer: &str) -> Result<JsonObject, Violation> {
        let limit = size((mutation.limit)(self.plugin.limits()));
        if self.plugin.on_violation() == OnViolation::Fail {
            return (mutation.guard)(before, answer, limit);
        }
        let Restored { object, violations } = (mutation.restore)(before, answer, limit)?;
        for violation in violations {
            tracing::warn!(
                plugin = self.plugin.name(),
                digest = &*self.plugin.info().digest_short,
                hook = self.hook.name(),
                request.id = &*self.context.request.id,
                "a plugin's answer was repaired: {violation}"
            );
        }
        Ok(object)
    }

    /// Writes the failure to the log; nobody else does.
    fn failed(&self, stage: Stage, took: Duration) -> HookFailure {
        self.plugin.tally().failed(&stage);
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    plugin = self.plugin.name(),
                    digest = &*self.plugin.info().digest_short,
                    hook = self.hook.name(),
                    request.id = &*self.context.request.id,
                    stage = stage.word(),
                    elapsed_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
                    "a hook failed: it {stage}"
                )
            };
        }
        match stage {
            Stage::Host(_) => line!(error),
            _ => line!(warn),
        }
        HookFailure { plugin: self.plugin.name().to_owned(), hook: self.hook, stage }
    }
}
