//! Takes finished spans and never waits: what does not fit into the queue is dropped and counted.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanProcessor as Processor,
};

use super::counts::{QUEUE, SpanCounts};
use super::exporter::Exporter;

/// So many spans go out in one message, at most.
const BATCH: usize = 512;
/// How long a span waits for company.
const DELAY: Duration = Duration::from_secs(1);

/// The SDK's queue and its thread. The SDK drops as well, but tells nobody how much.
#[derive(Debug)]
pub(super) struct BoundedProcessor {
    queue: BatchSpanProcessor,
    counts: Arc<SpanCounts>,
}

impl BoundedProcessor {
    pub(super) fn new(exporter: Exporter, counts: Arc<SpanCounts>) -> Self {
        // All of it is said, so that no variable of the environment says something else.
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(DELAY)
            .build();
        Self { queue: BatchSpanProcessor::new(exporter, config), counts }
    }
}

impl Processor for BoundedProcessor {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.queue.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if self.counts.admit() {
            self.queue.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.queue.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.queue.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.queue.set_resource(resource);
    }
}
