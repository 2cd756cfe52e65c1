//! From spans to a collector, in the background.

use std::sync::Arc;
use std::time::Duration;

use hookgate_outbound::collector::CollectorClient;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::{Layer, Registry};

use super::counts::SpanCounts;
use super::exporter::Exporter;
use super::processor::BoundedProcessor;
use crate::config::TracesConfig;

/// How long the last spans may take when the server ends.
const FLUSH: Duration = Duration::from_secs(2);

/// The export of traces, as long as it runs.
pub(crate) struct Traces {
    provider: SdkTracerProvider,
    counts: Arc<SpanCounts>,
}

impl Traces {
    /// Starts it. Nothing is connected to before there are spans.
    pub(super) fn start(config: &TracesConfig, runtime: &Handle) -> Result<Self, String> {
        let client = CollectorClient::new(config.url.clone(), config.headers.clone())
            .map_err(|reason| format!("`telemetry.otlp_endpoint`: {reason}"))?;
        let counts = Arc::new(SpanCounts::new());
        let exporter = Exporter::new(client, config.url.clone(), runtime.clone(), Arc::clone(&counts));
        // Adds `OTEL_RESOURCE_ATTRIBUTES`, in which orchestrators say where a process runs.
        let resource = Resource::builder()
            .with_service_name(config.service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BoundedProcessor::new(exporter, Arc::clone(&counts)))
            .with_sampler(sampler(config.sample_percent))
            .with_resource(resource)
            .build();
        Ok(Self { provider, counts })
    }

    /// What turns our spans into OpenTelemetry's. It wants nothing else: no events, whose texts were written for
    /// the operator alone, and nothing of the libraries.
    pub(super) fn layer(&self) -> impl Layer<Registry> + Send + Sync + use<> {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("hookgate"))
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(FilterFn::new(is_ours).with_max_level_hint(LevelFilter::TRACE))
    }

    /// What became of the spans so far.
    pub(crate) fn counts(&self) -> &SpanCounts {
        &self.counts
    }

    /// Sends what is left, and ends. Waits, so not for a thread of the runtime, which has to be running.
    pub(crate) fn finish(self) {
        if self.provider.shutdown_with_timeout(FLUSH).is_err() {
            tracing::warn!(spans = self.counts.waiting(), "the last spans were not exported in time");
        }
    }
}

/// A caller's choice goes before ours, so that a trace is whole or not at all.
fn sampler(percent: u8) -> Sampler {
    Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(f64::from(percent) / 100.0)))
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target().starts_with("hookgate")
}
