//! From a list of routes to a router: the steps that every route shares.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{Future, ready};
use std::pin::{Pin, pin};
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, any, on};

use crate::call::{Call, FixedParameter};
use crate::describe::{self, Description};
use crate::error::ApiError;
use crate::extract::{Document, Reading};
use crate::middleware::Arrival;
use crate::rate_limit::RateClass;
use crate::security::{Access, Security};
use crate::state::App;

/// Routes in the making.
pub(crate) struct Table {
    app: Arc<App>,
    paths: BTreeMap<Arc<str>, Endpoint>,
    rows: Vec<Row>,
}

/// A route, to look at.
pub(crate) struct Row {
    pub(crate) method: &'static str,
    /// With the prefix.
    pub(crate) path: Arc<str>,
    /// Who may call it.
    pub(crate) access: &'static str,
    /// Whether it reads a body.
    pub(crate) reads_body: bool,
    pub(crate) description: Option<&'static Description>,
}

/// Where a handler goes.
struct Place {
    path: Arc<str>,
    method: &'static str,
    filter: MethodFilter,
    /// What the path is called in logs and metrics.
    route: Arc<str>,
    parameter: Option<FixedParameter>,
}

#[derive(Default)]
struct Endpoint {
    routes: MethodRouter<(), Infallible>,
    methods: Vec<&'static str>,
}

impl Table {
    pub(crate) const fn new(app: Arc<App>) -> Self {
        Self { app, paths: BTreeMap::new(), rows: Vec::new() }
    }

    /// `GET` below the prefix.
    pub(crate) fn get<A: Access, H: Handler<A>>(self, path: &str, security: Security<A>, handler: H) -> Self {
        let path = self.below_prefix(path);
        self.add("GET", MethodFilter::GET, path, security, handler)
    }

    /// `POST` below the prefix.
    pub(crate) fn post<A: Access, H: Handler<A>>(
        self,
        path: &str,
        security: Security<A>,
        handler: H,
    ) -> Self {
        let path = self.below_prefix(path);
        self.add("POST", MethodFilter::POST, path, security, handler)
    }

    /// `PUT` below the prefix.
    pub(crate) fn put<A: Access, H: Handler<A>>(self, path: &str, security: Security<A>, handler: H) -> Self {
        let path = self.below_prefix(path);
        self.add("PUT", MethodFilter::PUT, path, security, handler)
    }

    /// `DELETE` below the prefix.
    pub(crate) fn delete<A: Access, H: Handler<A>>(
        self,
        path: &str,
        security: Security<A>,
        handler: H,
    ) -> Self {
        let path = self.below_prefix(path);
        self.add("DELETE", MethodFilter::DELETE, path, security, handler)
    }

    /// `GET` and `HEAD` outside of the prefix, for machines: those that watch the server, those that verify its
    /// tokens.
    pub(crate) fn probe<A: Access, H: Handler<A>>(
        self,
        path: &str,
        security: Security<A>,
        handler: H,
    ) -> Self {
        let mut table = self.add("GET", MethodFilter::GET, path.into(), security, handler);
        table.paths.entry(path.into()).or_default().methods.push("HEAD");
        table
    }

    fn below_prefix(&self, path: &str) -> Arc<str> {
        format!("{}{path}", self.app.options.prefix()).into()
    }

    /// The route of `path` once more, for a value of its parameter that is a word of another path, too: the
    /// router would look at that one alone.
    pub(crate) fn also_for<A: Access, H: Handler<A>>(
        self,
        value: &'static str,
        (method, filter): (&'static str, MethodFilter),
        path: &str,
        security: Security<A>,
        handler: H,
    ) -> Self {
        let route = self.below_prefix(path);
        let (before, parameter) = route.split_once('{').unwrap_or((&route, ""));
        let (_, after) = parameter.split_once('}').unwrap_or_default();
        let exact = format!("{before}{value}{after}").into();
        let parameter = Some(FixedParameter(value));
        self.mount(Place { path: exact, method, filter, route, parameter }, security.into_reading(), handler)
    }

    fn add<A: Access, H: Handler<A>>(
        mut self,
        method: &'static str,
        filter: MethodFilter,
        path: Arc<str>,
        security: Security<A>,
        handler: H,
    ) -> Self {
        let reading = security.into_reading();
        self.rows.push(Row {
            method,
            path: Arc::clone(&path),
            access: A::NAME,
            reads_body: reading != Reading::Nothing,
            description: self.describe(method, &path),
        });
        let route = Arc::clone(&path);
        self.mount(Place { path, method, filter, route, parameter: None }, reading, handler)
    }

    fn describe(&self, method: &str, route: &str) -> Option<&'static Description> {
        describe::find(method, route.strip_prefix(self.app.options.prefix()).unwrap_or(route))
    }

    fn mount<A: Access, H: Handler<A>>(mut self, place: Place, reading: Reading, handler: H) -> Self {
        let app = Arc::clone(&self.app);
        let class = self
            .describe(place.method, &place.route)
            .map_or(Some(RateClass::Default), |description| description.class);
        let Place { path, method, filter, route, parameter } = place;
        let entrance = move |mut request: Request| {
            if let Some(parameter) = parameter {
                request.extensions_mut().insert(parameter);
            }
            let (app, route) = (Arc::clone(&app), Arc::clone(&route));
            enter(app, Some(route), class, request, move |app, request, arrival| {
                serve(app, request, arrival, reading, handler)
            })
        };
        let endpoint = self.paths.entry(path).or_default();
        endpoint.routes = std::mem::take(&mut endpoint.routes).merge(on(filter, entrance));
        endpoint.methods.push(method);
        self
    }

    /// What the routes serve.
    pub(crate) const fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Every route so far.
    pub(crate) fn routes(&self) -> &[Row] {
        &self.rows
    }

    /// One line per route.
    #[cfg(test)]
    pub(crate) fn rows(&self) -> Vec<String> {
        self.rows.iter().map(ToString::to_string).collect()
    }

    /// The router, with answers for every path and method that is not in the table.
    pub(crate) fn into_router(self) -> Router {
        let Self { app, paths, rows } = self;
        for row in rows {
            tracing::debug!(route = %row, "serving");
        }
        let mut router = Router::new();
        for (path, endpoint) in paths {
            let slashed = format!("{path}/");
            router = router
                .route(&path, endpoint.complete(&app, &path))
                .route(&slashed, any(refuse(&app, None, |uri| Ok(without_slash(uri)))));
        }
        router.fallback(refuse(&app, None, |_| Err(ApiError::NotFound)))
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.method, self.path, self.access)
    }
}

impl Endpoint {
    /// Adds the answer to other methods. axum would answer `HEAD` where there is a `GET`.
    fn complete(self, app: &Arc<App>, path: &Arc<str>) -> MethodRouter<(), Infallible> {
        let Self { routes, mut methods } = self;
        methods.sort_unstable();
        // Methods are plain words.
        let allow = HeaderValue::try_from(methods.join(", ")).unwrap_or(HeaderValue::from_static(""));
        let refusal = refuse(app, Some(path), move |_| Err(ApiError::MethodNotAllowed(allow.clone())));
        // `any` and not `fallback`, which would add an `Allow` of its own, to CORS preflights too.
        let routes = any(refusal.clone()).merge(routes);
        if methods.contains(&"HEAD") { routes } else { routes.on(MethodFilter::HEAD, refusal) }
    }
}

/// An async function from a call to an answer.
pub(crate) trait Handler<A>: Copy + Send + Sync + 'static {
    /// Answers.
    fn answer(self, call: Call<A>) -> impl Future<Output = Result<Response, ApiError>> + Send;
}

impl<A, F, Answer> Handler<A> for F
where
    F: Fn(Call<A>) -> Answer + Copy + Send + Sync + 'static,
    Answer: Future<Output = Result<Response, ApiError>> + Send,
{
    fn answer(self, call: Call<A>) -> impl Future<Output = Result<Response, ApiError>> + Send {
        self(call)
    }
}

/// Every request comes in here: the edge around what answers it.
async fn enter<F, Answer>(
    app: Arc<App>,
    route: Option<Arc<str>>,
    class: Option<RateClass>,
    request: Request,
    answer: F,
) -> Response
where
    F: FnOnce(Arc<App>, Request, Arrival) -> Answer,
    Answer: Future<Output = Result<Response, ApiError>>,
{
    let visit = app.edge.open(route.as_deref(), &request);
    // Pinned here and handed on by reference: each async function that takes a future by value keeps
    // it twice, and this one is large.
    let answer = pin!(answer(Arc::clone(&app), request, visit.arrival.clone()));
    let (edge, client) = (&app.edge, visit.arrival.client);
    // Before anything of the request is read.
    let admitted = async move {
        edge.admit(class, client)?;
        answer.await
    };
    visit.answer(admitted).await
}

/// The order that FastAuth's callers see: JSON, then authentication, then whatever the handler checks.
async fn serve<A: Access, H: Handler<A>>(
    app: Arc<App>,
    request: Request,
    arrival: Arrival,
    reading: Reading,
    handler: H,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let document = if reading == Reading::Nothing {
        Document::Absent
    } else {
        let options = &app.options;
        let read = Document::read(&parts.headers, body, options.body_limit_bytes, options.body_timeout).await;
        reading.judge(read)?
    };
    let access = A::admit(&app, &parts).await?;
    handler.answer(Call { app, parts, document, access, arrival }).await
}

/// An entrance behind which there is no handler.
fn refuse<F>(
    app: &Arc<App>,
    route: Option<&Arc<str>>,
    refusal: F,
) -> impl Fn(Request) -> Pin<Box<dyn Future<Output = Response> + Send>> + Clone + Send + Sync + 'static
where
    F: Fn(&Uri) -> Result<Response, ApiError> + Clone + Send + Sync + 'static,
{
    let (app, route) = (Arc::clone(app), route.cloned());
    move |request: Request| {
        let refusal = refusal(request.uri());
        let class = Some(RateClass::Default);
        Box::pin(enter(Arc::clone(&app), route.clone(), class, request, |_, _, _| ready(refusal)))
    }
}

/// FastAuth's answer to a path with a slash too many. Only paths of the table come here, so the target
/// is one of them and never another host.
fn without_slash(uri: &Uri) -> Response {
    let path = uri.path();
    let path = path.strip_suffix('/').unwrap_or(path);
    let target = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    match HeaderValue::try_from(target) {
        Ok(target) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, target)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use hookgate_core::services::Caller;
    use tower::ServiceExt as _;

    use super::*;
    use crate::respond::message;
    use crate::security::caller;
    use crate::testing;

    async fn status(body: &str) -> StatusCode {
        async fn handler(call: Call<Caller>) -> Result<Response, ApiError> {
            call.document.fields()?;
            Ok(message("served"))
        }
        let router = Table::new(testing::app()).post("/x", caller().with_body(), handler).into_router();
        let request = Request::post("/auth/x").body(Body::from(body.to_owned())).expect("a request");
        router.oneshot(request).await.expect("infallible").status()
    }

    #[tokio::test]
    async fn broken_json_comes_before_authentication_and_that_before_fields() {
        assert_eq!(status("{").await, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(status("[]").await, StatusCode::UNAUTHORIZED);
        assert_eq!(status("").await, StatusCode::UNAUTHORIZED);
    }
}
