//! Keeps the log lines of a call instead of writing them, as the server's log would have them.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::Registry;

use super::PluginError;

/// One line of a plugin, or of the server about it.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct LogLine {
    /// `TRACE` to `ERROR`.
    pub(super) level: &'static str,
    /// The text.
    pub(super) message: String,
    /// The structured context, as `key=value` pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fields: Option<String>,
    /// How many further lines did not fit into the call's budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dropped: Option<u64>,
}

/// The lines so far.
#[derive(Clone, Default)]
pub(super) struct Capture(Arc<Mutex<Vec<LogLine>>>);

impl Capture {
    /// Takes over the process's log. Once per process.
    pub(super) fn start() -> Result<Self, PluginError> {
        let capture = Self::default();
        let subscriber = Registry::default().with(capture.clone());
        tracing::subscriber::set_global_default(subscriber)
            .map_err(|error| PluginError::Usage(format!("the log can't be captured: {error}")))?;
        Ok(capture)
    }

    /// The lines since the last time.
    pub(super) fn take(&self) -> Vec<LogLine> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S: Subscriber> Layer<S> for Capture {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let is_plugins = metadata.target() == "plugin";
        // What the host remarks on an answer, such as a code that it left out.
        let is_hosts = metadata.target().starts_with("hookgate_hooks") && *metadata.level() <= Level::WARN;
        if is_plugins || is_hosts {
            let mut line = LogLine { level: metadata.level().as_str(), ..LogLine::default() };
            event.record(&mut line);
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }
}

impl Visit for LogLine {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message = value.to_owned(),
            "fields" => self.fields = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "dropped" {
            self.dropped = Some(value);
        }
    }
}
