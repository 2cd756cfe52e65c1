//! What plugins write to the server's log, kept for the cases to look at.

use std::fmt::Debug;
use std::sync::{Mutex, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

static LINES: Mutex<Vec<Line>> = Mutex::new(Vec::new());
static START: Once = Once::new();

/// One line of a plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Who wrote it.
    pub plugin: String,
    /// In which request.
    pub request: String,
    /// `INFO`, `WARN` …
    pub level: String,
    /// The text.
    pub message: String,
    /// The structured context as the host renders it.
    pub fields: String,
}

/// Keeps lines from now on. Nothing else is listened to, neither the host's spans nor what the compiler says of its work:
/// both would show in what calls and loading cost, and a server does not do it either.
///
/// # Panics
/// Somebody else listens already.
pub fn keep() {
    START.call_once(|| {
        let lines = filter_fn(|metadata| metadata.is_event() && metadata.target() == "plugin");
        let subscriber = tracing_subscriber::registry().with(Keeper.with_filter(lines));
        tracing::subscriber::set_global_default(subscriber).expect("nobody listens yet");
    });
}

/// What a plugin wrote in one request. It is forgotten with that.
pub fn take(plugin: &str, request: &str) -> Vec<Line> {
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    let (taken, left) =
        lines.drain(..).partition(|line: &Line| line.plugin == plugin && line.request == request);
    *lines = left;
    taken
}

struct Keeper;

impl<S: Subscriber> Layer<S> for Keeper {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line { level: event.metadata().level().to_string(), ..Line::default() };
        event.record(&mut line);
        LINES.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value.to_owned());
    }
}

impl Line {
    fn set(&mut self, field: &Field, value: String) {
        match field.name() {
            "plugin" => self.plugin = value,
            "request.id" => self.request = value,
            "message" => self.message = value,
            "fields" => self.fields = value,
            _ => {}
        }
    }
}
