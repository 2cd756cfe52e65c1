//! Puts a request into its caller's trace (W3C Trace Context).

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Makes the span of `traceparent` the parent of this one, which has not begun. A malformed one is ignored, as the
/// standard wants: then the request begins a trace of its own.
pub(crate) fn continue_trace(span: &Span, traceparent: &str) {
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &Only(traceparent));
    if context.span().span_context().is_valid() {
        // Fails only where traces are not exported.
        let _ = span.set_parent(context);
    }
}

/// That header alone: `tracestate` and `baggage` are notes of others, to others, and may hold anything.
struct Only<'a>(&'a str);

impl Extractor for Only<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}
