//! The port through which services ask plugins.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Decision, Hook, HookContext, HookFailure};
use crate::JsonObject;
use crate::event::Event;
use crate::user::User;

/// The plugins of a server.
pub trait Hooks: Send + Sync {
    /// The chain that serves now. A request takes it once, before its first hook, and keeps it: all
    /// hooks of one request see the same plugins, whatever is loaded meanwhile.
    fn pin(&self) -> Arc<dyn HookChain>;
}

/// One generation of plugins.
#[async_trait]
pub trait HookChain: Send + Sync {
    /// Counts up with every change of the set of plugins.
    fn generation(&self) -> u64;

    /// The plugins that implement a hook, in order. A hook that nobody implements costs nothing.
    fn implementers(&self, hook: Hook) -> &[String];

    /// Asks every plugin, until the first denial.
    ///
    /// # Errors
    /// A plugin gave no answer; nobody may be let in.
    async fn allow_signin(
        &self,
        context: &HookContext,
        user: &User,
        provider: &str,
    ) -> Result<Decision, HookFailure>;

    /// Hands the claims of a token from plugin to plugin.
    ///
    /// # Errors
    /// A plugin gave no answer or one that breaks the rules; no token may be issued.
    async fn modify_jwt(
        &self,
        context: &HookContext,
        claims: JsonObject,
        user: &User,
    ) -> Result<JsonObject, HookFailure>;

    /// Hands the payload of a session from plugin to plugin.
    ///
    /// # Errors
    /// A plugin gave no answer or one that breaks the rules; no session may begin.
    async fn modify_session(
        &self,
        context: &HookContext,
        session: JsonObject,
        user: &User,
    ) -> Result<JsonObject, HookFailure>;

    /// Tells one plugin of an event. `attempt` is 1 at the first delivery.
    ///
    /// # Errors
    /// The plugin is not there, or did not take it.
    async fn deliver(&self, plugin: &str, event: &Event, attempt: u32) -> Result<(), DeliveryError>;
}

/// Why an event did not reach a plugin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// No plugin of that name is loaded. It may come back.
    #[error("plugin `{0}` is not loaded")]
    NotLoaded(String),
    /// The plugin is loaded but no longer implements the hook: there is nobody to tell.
    #[error("plugin `{plugin}` does not implement {hook}")]
    NotImplemented {
        /// The plugin.
        plugin: String,
        /// The hook.
        hook: Hook,
    },
    /// The plugin failed so often lately that it was not called. This is no attempt.
    #[error("the circuit breaker of plugin `{plugin}` is open")]
    BreakerOpen {
        /// The plugin.
        plugin: String,
        /// When it is tried again, in milliseconds from now.
        retry_ms: u64,
    },
    /// The plugin was called and failed.
    #[error(transparent)]
    Failed(#[from] HookFailure),
}

/// A server without plugins: everybody may sign in and nothing is changed.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHooks;

impl Hooks for NoHooks {
    fn pin(&self) -> Arc<dyn HookChain> {
        Arc::new(Self)
    }
}

#[async_trait]
impl HookChain for NoHooks {
    fn generation(&self) -> u64 {
        0
    }

    fn implementers(&self, _: Hook) -> &[String] {
        &[]
    }

    async fn allow_signin(&self, _: &HookContext, _: &User, _: &str) -> Result<Decision, HookFailure> {
        Ok(Decision::Allow)
    }

    async fn modify_jwt(
        &self,
        _: &HookContext,
        claims: JsonObject,
        _: &User,
    ) -> Result<JsonObject, HookFailure> {
        Ok(claims)
    }

    async fn modify_session(
        &self,
        _: &HookContext,
        session: JsonObject,
        _: &User,
    ) -> Result<JsonObject, HookFailure> {
        Ok(session)
    }

    async fn deliver(&self, plugin: &str, _: &Event, _: u32) -> Result<(), DeliveryError> {
        Err(DeliveryError::NotLoaded(plugin.to_owned()))
    }
}
