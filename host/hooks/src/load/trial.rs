//! What a plugin is asked before it serves anybody: whether its settings are good, and made-up questions.
//!
//! Gates and mutations only: an event is told something that happened, and nothing has. Host functions
//! see that it is a trial and have no effect.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookgate_core::JsonObject;
use hookgate_core::hooks::{
    Given, Hook, HookContext, HookKind, OnViolation, RequestContext, Stage, TokenUse, Violation,
    guard_claims, guard_session,
};
use hookgate_core::ids::UserId;
use hookgate_core::user::User;
use serde_json::json;

use super::status::now_ms;
use crate::call::bounded::bounded;
use crate::call::breach::failure;
use crate::call::fiber_stack;
use crate::call::instance::start;
use crate::call::prepared::PreparedPlugin;
use crate::call::store::store;
use crate::cause::chain_of;
use crate::contract::call::{HookInput, HookOutput};
use crate::error::Refusal;
use crate::plugin::limits::size;
use crate::state::CallState;
use crate::state::allowance::Allowance;
use crate::text::{escape, one_line, truncate};

const PROVIDER: &str = "credentials";
/// Goes into the log, so that one can tell what a plugin writes meanwhile.
const REQUEST: &str = "smoke-call";

/// Lets the plugin check its settings, if it can.
///
/// # Errors
/// It says that they are no good, or could not say anything.
pub(crate) async fn validate_config(plugin: &PreparedPlugin) -> Result<(), Refusal> {
    let Some(export) = plugin.compiled().validate_config() else { return Ok(()) };
    let trial = plugin.for_trial();
    // As long as the first instance: there may be something to look up, and nobody waits.
    let allowance = Allowance::of_start(trial.engine().start_limit());
    let (_room, _) = trial.enter(allowance.patience, Instant::now()).await.map_err(Refusal::ConfigCheck)?;
    let (engine, info) = (trial.engine(), trial.info());
    let state = CallState::new(
        engine.config().stack_bytes,
        info,
        None,
        Some(&Arc::new(context())),
        allowance,
        Instant::now(),
    );
    let mut store = store(engine, state);
    let meter = Arc::clone(store.data().meter());
    let asked = async {
        let instance = start(&mut store, trial.pre()).await?;
        let function = instance
            .get_typed_func::<(), (Result<(), String>,)>(&mut store, export)
            .map_err(|error| Stage::Host(one_line(&chain_of(&error), 300)))?;
        let called = function.call_async(&mut store, ()).await;
        called.map_err(|error| failure(&error, &store, Stage::Trap))
    };
    let answer = bounded(allowance, &meter, pin!(asked)).await;
    fiber_stack::give_back_if_deep(&answer, meter.total(), &mut store, engine).await;
    match answer.map_err(Refusal::ConfigCheck)? {
        (Ok(()),) => Ok(()),
        (Err(text),) => {
            let text = truncate(text.trim(), size(trial.limits().max_error_bytes));
            Err(Refusal::Config(escape(text).into_owned()))
        }
    }
}

impl PreparedPlugin {
    /// Asks each gate and mutation about a made-up user. Any answer will do, a denial and an error as
    /// well: what must not happen is that there is none, or one that breaks the rules of its hook.
    pub(crate) async fn smoke_call(&self) -> Result<(), (Hook, Stage)> {
        if !self.manifest().smoke_call {
            return Ok(());
        }
        let trial = self.for_trial();
        let hooks = trial.hooks().iter().copied().filter(|hook| hook.kind() != HookKind::Event);
        for hook in hooks.collect::<Vec<_>>() {
            trial.smoke_call_of(hook).await.map_err(|stage| (hook, stage))?;
        }
        Ok(())
    }

    async fn smoke_call_of(&self, hook: Hook) -> Result<(), Stage> {
        let user = user();
        let mut context = context();
        let object = match hook {
            Hook::ModifySession => session(),
            _ => claims(),
        };
        let given = Given::of(&object).map_err(|error| Stage::Host(error.to_string()))?;
        let input = match hook {
            Hook::ModifyJwt => {
                context.token_use = Some(TokenUse::Access);
                HookInput::ModifyJwt { claims: given.text(), user: &user }
            }
            Hook::ModifySession => HookInput::ModifySession { session: given.text(), user: &user },
            _ => HookInput::AllowSignin { user: &user, provider: PROVIDER },
        };
        let limits = self.limits();
        let checked = match self.call(&context, input).await.0 {
            // Perhaps it does not know the user, and says so.
            Err(Stage::Guest(_)) => return Ok(()),
            Err(stage) => return Err(stage),
            Ok(HookOutput::Json(answer)) if hook == Hook::ModifySession => {
                guard_session(&given, &answer, size(limits.max_session_bytes))
            }
            Ok(HookOutput::Json(answer)) => guard_claims(&given, &answer, size(limits.max_claims_bytes)),
            Ok(HookOutput::Decision(_) | HookOutput::Taken) => return Ok(()),
        };
        match checked {
            // The server would repair it.
            Err(Violation::Reserved(_) | Violation::LaterExpiry)
                if self.on_violation() == OnViolation::Restore =>
            {
                Ok(())
            }
            checked => checked.map(drop).map_err(Stage::Answer),
        }
    }
}

fn user() -> User {
    let now = now();
    User {
        id: UserId::from("smoke-call"),
        email: "smoke-call@example.com".to_owned(),
        name: None,
        image: None,
        email_verified: true,
        is_active: true,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

fn now() -> hookgate_core::clock::Timestamp {
    let seconds = Duration::from_millis(now_ms()).as_secs();
    hookgate_core::clock::Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX))
}

fn context() -> HookContext {
    let request = RequestContext {
        id: REQUEST.to_owned(),
        time_ms: i64::try_from(now_ms()).unwrap_or(i64::MAX),
        ..RequestContext::default()
    };
    HookContext::of(request).by(PROVIDER)
}

fn claims() -> JsonObject {
    let now = now().0;
    object(json!({
        "sub": "smoke-call", "sid": "smoke-call", "jti": "smoke-call", "type": "access",
        "iat": now, "exp": now.saturating_add(900),
        "email": "smoke-call@example.com", "email_verified": true, "name": null,
    }))
}

fn session() -> JsonObject {
    let now = now().0;
    object(json!({
        "id": "smoke-call", "user_id": "smoke-call", "created_at": now, "expires_at": now.saturating_add(900),
        "ip_address": null, "user_agent": null,
    }))
}

fn object(value: serde_json::Value) -> JsonObject {
    match value {
        serde_json::Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}
