//! What the server tells about itself while it runs: the log, and traces if a collector wants them.

mod counts;
mod exporter;
mod log;
mod outage;
mod parent;
mod processor;
mod traces;

use tokio::runtime::Handle;

use crate::config::{LogConfig, TracesConfig};

pub(crate) use counts::SpanCounts;
pub(crate) use parent::continue_trace;
pub(crate) use traces::Traces;

/// Starts logging, and the export of traces where there is a collector. Once per process.
///
/// # Errors
/// This machine can't speak to the collector; one sentence for the operator.
pub(crate) fn init(
    log: LogConfig,
    traces: Option<&TracesConfig>,
    runtime: &Handle,
) -> Result<Option<Traces>, String> {
    let traces = traces.map(|config| Traces::start(config, runtime)).transpose()?;
    let subscriber = match &traces {
        Some(traces) => log::beside(log, traces.layer()),
        None => log::alone(log),
    };
    if let Err(error) = tracing::subscriber::set_global_default(subscriber) {
        eprintln!("hookgate: logging: {error}");
    }
    Ok(traces)
}
