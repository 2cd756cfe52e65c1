//! A collector of traces on the loopback (OTLP over HTTP, in protobuf).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span as Exported;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::eventually;

/// A span as a test looks at it. Ids are in hexadecimal digits; texts are as they are, numbers are marked: `#200`.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) name: String,
    /// `server`, `consumer`, `internal`.
    pub(crate) kind: &'static str,
    pub(crate) trace: String,
    pub(crate) id: String,
    /// Empty for the first of a trace.
    pub(crate) parent: String,
    pub(crate) state: String,
    pub(crate) is_error: bool,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) events: usize,
    pub(crate) nanoseconds: u64,
    /// Of who exported it.
    pub(crate) resource: BTreeMap<String, String>,
}

impl Span {
    pub(crate) fn get(&self, attribute: &str) -> &str {
        self.attributes.get(attribute).map_or("", String::as_str)
    }
}

/// Everything that came in.
#[derive(Default)]
struct Received {
    spans: Vec<Span>,
    headers: Vec<HeaderMap>,
    bytes: Vec<u8>,
}

/// A running collector.
pub(crate) struct Collector {
    pub(crate) address: SocketAddr,
    received: Arc<Mutex<Received>>,
    task: JoinHandle<()>,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap()).await
    }

    /// On an address where nobody listens.
    pub(crate) async fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Received::default()));
        let router = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&received));
        let task = tokio::spawn(async move { listen(listener, router).await });
        Self { address, received, task }
    }

    /// The table for a server that exports to it.
    pub(crate) fn config(&self) -> String {
        format!("[telemetry]\notlp_endpoint = \"http://{}\"\n", self.address)
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        self.received.lock().unwrap().spans.clone()
    }

    /// The headers of every message.
    pub(crate) fn headers(&self) -> Vec<HeaderMap> {
        self.received.lock().unwrap().headers.clone()
    }

    /// Whether any message contains a text.
    pub(crate) fn contains(&self, text: &str) -> bool {
        let received = self.received.lock().unwrap();
        received.bytes.windows(text.len()).any(|window| window == text.as_bytes())
    }

    /// Waits for a span of a request, by the id in the answer.
    pub(crate) async fn request(&self, id: &str) -> Span {
        let is_it = |span: &Span| span.kind == "server" && span.get("request.id") == id;
        self.one(&format!("the span of request {id}"), is_it).await
    }

    /// Waits for a span.
    pub(crate) async fn one(&self, what: &str, is_it: impl Fn(&Span) -> bool) -> Span {
        let found = || self.spans().into_iter().find(&is_it);
        eventually(what, || {
            let is_there = found().is_some();
            async move { is_there }
        })
        .await;
        found().unwrap()
    }

    /// What happened within a span.
    pub(crate) fn children(&self, parent: &Span) -> Vec<Span> {
        let is_child = |span: &Span| span.trace == parent.trace && span.parent == parent.id;
        self.spans().into_iter().filter(is_child).collect()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, router: Router) {
    use hookgate_http::{ServeOptions, serve};
    serve(listener, router, ServeOptions::default(), std::future::pending()).await;
}

async fn take(
    State(received): State<Arc<Mutex<Received>>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Bytes) {
    let message = ExportTraceServiceRequest::decode(body.clone()).unwrap();
    let mut received = received.lock().unwrap();
    received.headers.push(headers);
    received.bytes.extend_from_slice(&body);
    for part in message.resource_spans {
        let resource = texts(&part.resource.unwrap_or_default().attributes);
        let spans = part.scope_spans.into_iter().flat_map(|scope| scope.spans);
        received.spans.extend(spans.map(|span| read(span, &resource)));
    }
    (StatusCode::OK, Bytes::new())
}

fn read(span: Exported, resource: &BTreeMap<String, String>) -> Span {
    let hex = |id: &[u8]| id.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Span {
        kind: match span.kind {
            1 => "internal",
            2 => "server",
            5 => "consumer",
            _ => "other",
        },
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        state: span.trace_state,
        is_error: span.status.is_some_and(|status| status.code == 2),
        attributes: texts(&span.attributes),
        events: span.events.len(),
        nanoseconds: span.end_time_unix_nano - span.start_time_unix_nano,
        resource: resource.clone(),
        name: span.name,
    }
}

fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Option<AnyValue>| match value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => format!("#{number}"),
        other => format!("{other:?}"),
    };
    attributes.iter().map(|pair| (pair.key.clone(), text(&pair.value))).collect()
}
