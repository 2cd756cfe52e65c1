//! The routes. Each either looks at what is known, or hands an order to the watch of the folder.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hookgate_hooks::{BreakerState, OperateError, Order, PluginStatus};
use serde::Serialize;
use serde_json::Value;

use super::view::{Failure, Overview, SAFE_MODE, Which};
use super::{AdminState, Plugins};

const BODY_LIMIT: usize = 16 << 10;

pub(super) fn router(state: AdminState) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/plugins", get(overview))
        .route("/plugins/{name}", get(status))
        .route("/plugins/{name}/enable", post(enable))
        .route("/plugins/{name}/disable", post(disable))
        .route("/reload", post(reload))
        .route("/rollback", post(roll_back))
        .fallback(|| async { NotDone(StatusCode::NOT_FOUND, Failure::new("there is no such route")) })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(state)
}

/// An order or a question that came to nothing.
struct NotDone(StatusCode, Failure);

impl IntoResponse for NotDone {
    fn into_response(self) -> Response {
        (self.0, axum::Json(self.1)).into_response()
    }
}

impl From<OperateError> for NotDone {
    fn from(error: OperateError) -> Self {
        let status = match &error {
            OperateError::NoPlugin(_)
            | OperateError::NothingBefore { .. }
            | OperateError::NoGeneration(_)
            | OperateError::NotInGeneration { .. } => StatusCode::NOT_FOUND,
            OperateError::SameAlready(_)
            | OperateError::Disabled(_)
            | OperateError::DisabledByManifest(_)
            | OperateError::NoArchive
            | OperateError::Refused { .. } => StatusCode::CONFLICT,
            OperateError::Io(_) => StatusCode::INTERNAL_SERVER_ERROR,
            OperateError::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self(status, Failure::new(error.to_string()))
    }
}

type Done = Result<axum::Json<Overview>, NotDone>;

async fn overview(State(state): State<AdminState>) -> Done {
    let archive = state.archive.clone();
    let records = tokio::task::spawn_blocking(move || archive.records());
    let records = records
        .await
        .map_err(|error| NotDone(StatusCode::INTERNAL_SERVER_ERROR, Failure::new(error.to_string())))?;
    let plugins = match &state.plugins {
        Some(plugins) => {
            plugins.registry.status().iter().map(|status| shown(&state, plugins, status)).collect()
        }
        None => Vec::new(),
    };
    Ok(axum::Json(Overview {
        generation: state.plugins.as_ref().map_or(0, |plugins| plugins.registry.current().number()),
        safe_mode: state.plugins.is_none(),
        plugins,
        generations: records.into_iter().map(Into::into).collect(),
    }))
}

async fn status(State(state): State<AdminState>, Path(name): Path<String>) -> Result<Response, NotDone> {
    let plugins = state.plugins.as_ref().ok_or_else(safe_mode)?;
    let status = plugins.registry.status().iter().find(|plugin| plugin.name == name).cloned();
    let status = status.ok_or(OperateError::NoPlugin(name))?;
    Ok(axum::Json(shown(&state, plugins, &status)).into_response())
}

async fn enable(State(state): State<AdminState>, Path(name): Path<String>) -> Done {
    obey(state, Order::Enable(name)).await
}

async fn disable(State(state): State<AdminState>, Path(name): Path<String>) -> Done {
    obey(state, Order::Disable(name)).await
}

async fn reload(State(state): State<AdminState>, body: Bytes) -> Done {
    let Which { plugin, .. } = which(&body)?;
    obey(state, Order::Reload(plugin)).await
}

async fn roll_back(State(state): State<AdminState>, body: Bytes) -> Done {
    let Which { plugin, to } = which(&body)?;
    obey(state, Order::RollBack { plugin, to }).await
}

/// An empty body is about everything.
fn which(body: &[u8]) -> Result<Which, NotDone> {
    if body.is_empty() {
        return Ok(Which::default());
    }
    serde_json::from_slice(body).map_err(|error| {
        let text = format!("the body is a JSON object with `plugin` and `to`, both optional: {error}");
        NotDone(StatusCode::UNPROCESSABLE_ENTITY, Failure::new(text))
    })
}

async fn obey(state: AdminState, order: Order) -> Done {
    let plugins = state.plugins.as_ref().ok_or_else(safe_mode)?;
    tracing::info!(?order, "an operator's order");
    if let Err(error) = plugins.orders.give(order).await {
        tracing::warn!(%error, "an operator's order was not carried out");
        return Err(error.into());
    }
    overview(State(state)).await
}

fn safe_mode() -> NotDone {
    let failure = Failure {
        detail: "the server runs in safe mode, without any plugin".to_owned(),
        code: Some(SAFE_MODE.to_owned()),
    };
    NotDone(StatusCode::CONFLICT, failure)
}

/// A status as JSON, with the circuit breakers that are not closed and with what is kept for further calls; what
/// can't be expressed is left out.
fn shown(state: &AdminState, plugins: &Plugins, status: &PluginStatus) -> Value {
    let mut shown = json(status);
    let generation = plugins.registry.current();
    let serving = generation.plugins().iter().find(|plugin| plugin.name() == status.name);
    let breakers: BTreeMap<_, _> = serving
        .iter()
        .flat_map(|plugin| {
            plugin.hooks().iter().map(|hook| (hook.name(), plugin.breaker_state(*hook).name()))
        })
        .filter(|(_, state)| *state != BreakerState::Closed.name())
        .collect();
    if let (Some(object), false) = (shown.as_object_mut(), breakers.is_empty()) {
        object.insert("breakers".to_owned(), json(&breakers));
    }
    if let (Some(object), Some(plugin)) = (shown.as_object_mut(), serving)
        && plugin.manifest().reuse.is_some()
    {
        object.insert("idle_instances".to_owned(), plugin.idle_instances().into());
        object.insert("reused_calls".to_owned(), state.metrics.reused_calls(&status.name).into());
    }
    shown
}

/// The same page as on the public listener, for whoever may open this door.
async fn metrics(State(state): State<AdminState>) -> Response {
    let page = state.metrics.text().await;
    ([(CONTENT_TYPE, hookgate_http::METRICS_CONTENT_TYPE)], page).into_response()
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
