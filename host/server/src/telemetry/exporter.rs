//! Sends spans to the collector (OTLP over HTTP, in protobuf).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hookgate_outbound::collector::{CollectorClient, PostError};
use http::Uri;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use prost::Message as _;
use tokio::runtime::Handle;

use super::counts::SpanCounts;
use super::outage::Outage;

/// Between the attempts for one batch. A collector that is away for longer is not waited for.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1)];
/// For all attempts together; the queue fills meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);
/// Of what a collector may say in our log.
const REASON: usize = 200;

/// Sends batches, one after the other, on a thread of the SDK's own.
#[derive(Debug)]
pub(super) struct Exporter {
    client: Arc<CollectorClient>,
    url: Uri,
    /// Where the client lives, since that thread has no runtime.
    runtime: Handle,
    resource: ResourceAttributesWithSchema,
    counts: Arc<SpanCounts>,
    outage: Mutex<Outage>,
}

/// Spans that did not arrive, and why.
struct Loss {
    spans: u64,
    reason: String,
}

impl Exporter {
    pub(super) fn new(client: CollectorClient, url: Uri, runtime: Handle, counts: Arc<SpanCounts>) -> Self {
        let (client, outage) = (Arc::new(client), Mutex::default());
        Self { client, url, runtime, resource: ResourceAttributesWithSchema::default(), counts, outage }
    }

    async fn send(&self, batch: Vec<SpanData>) -> Result<Bytes, String> {
        let resource_spans = group_spans_by_resource_and_scope(batch, &self.resource);
        let message = ExportTraceServiceRequest { resource_spans }.encode_to_vec().into();
        let is_out = self.outage.lock().unwrap_or_else(PoisonError::into_inner).is_on();
        let pauses: &[Duration] = if is_out { &[] } else { &PAUSES };
        let posting = self.runtime.spawn(post(Arc::clone(&self.client), message, pauses));
        match posting.await {
            Ok(posted) => posted.map_err(|error| error.reason),
            Err(_) => Err("the server has stopped".to_owned()),
        }
    }

    /// Counts, and says what there is to say.
    fn settle(&self, spans: u64, loss: Option<Loss>) -> OTelSdkResult {
        let lost = loss.as_ref().map_or(0, |loss| loss.spans);
        self.counts.settle(spans, lost);
        let overflow = self.counts.take_overflow();
        let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        let endpoint = &self.url;
        if lost + overflow == 0 {
            if let Some(lost) = outage.over() {
                tracing::info!(%endpoint, lost_spans = lost, "traces are exported again");
            }
            return Ok(());
        }
        let reason = loss.map_or_else(|| "it takes them too slowly".to_owned(), |loss| loss.reason);
        if outage.lost(lost + overflow, Instant::now()) {
            tracing::warn!(%endpoint, "the collector does not take all spans, and some are dropped: {reason}");
        }
        Err(OTelSdkError::InternalFailure(reason))
    }
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len() as u64;
        let loss = match self.send(batch).await {
            Ok(answer) => refused(spans, answer),
            Err(reason) => Some(Loss { spans, reason }),
        };
        self.settle(spans, loss)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }
}

async fn post(
    client: Arc<CollectorClient>,
    message: Bytes,
    pauses: &'static [Duration],
) -> Result<Bytes, PostError> {
    let attempts = async {
        for pause in pauses {
            match client.post(message.clone()).await {
                Err(error) if error.is_transient => tokio::time::sleep(*pause).await,
                result => return result,
            }
        }
        client.post(message.clone()).await
    };
    let late = || PostError { reason: "it did not answer in time".to_owned(), is_transient: true };
    tokio::time::timeout(PATIENCE, attempts).await.unwrap_or_else(|_| Err(late()))
}

/// What a collector says that it did not keep of what it took. An answer in another format is no complaint.
fn refused(spans: u64, answer: Bytes) -> Option<Loss> {
    let partial = ExportTraceServiceResponse::decode(answer).ok()?.partial_success?;
    let refused = u64::try_from(partial.rejected_spans).unwrap_or(0).min(spans);
    let said: String = partial.error_message.chars().take(REASON).collect();
    (refused > 0).then(|| Loss { spans: refused, reason: format!("it refused {refused}: {said:?}") })
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTracePartialSuccess;

    use super::*;

    fn answered(rejected_spans: i64, error_message: &str) -> Option<Loss> {
        let partial = ExportTracePartialSuccess { rejected_spans, error_message: error_message.to_owned() };
        let answer = ExportTraceServiceResponse { partial_success: Some(partial) };
        refused(10, answer.encode_to_vec().into())
    }

    #[test]
    fn what_a_collector_refuses_is_lost_and_its_words_are_kept_short_and_on_one_line() {
        let loss = answered(3, "too\nmany").expect("a loss");
        assert_eq!((loss.spans, &*loss.reason), (3, "it refused 3: \"too\\nmany\""));
        assert_eq!(answered(99, "").expect("a loss").spans, 10, "not more than it got");
        assert!(answered(1, &"x".repeat(5000)).expect("a loss").reason.len() < 300);
        assert!(answered(0, "a hint").is_none() && answered(-1, "").is_none());
        assert!(refused(10, Bytes::new()).is_none() && refused(10, Bytes::from_static(b"{}")).is_none());
    }
}
