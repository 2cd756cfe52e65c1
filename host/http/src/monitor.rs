//! Who watches the server: is told of every request, knows the traces, and writes the page that is scraped.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tracing::Span;

/// A request that was answered. Nothing in it is of the client's choosing, so all of it may be a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served<'a> {
    /// `GET`, `POST` …, `other`.
    pub method: &'static str,
    /// As in the route table; `-` for a path that is not there.
    pub route: &'a str,
    /// The answer's.
    pub status: u16,
    /// From the request's head to the answer's.
    pub duration: Duration,
}

/// A text in the format that the monitor's scrapers read, in the making.
pub type Page<'a> = Pin<Box<dyn Future<Output = String> + Send + 'a>>;

/// Watches the server.
pub trait Monitor: Send + Sync {
    /// A request was answered. Must be quick and not wait.
    fn served(&self, served: &Served<'_>);

    /// The request of this span, which is about to begin, belongs to its caller's trace: `traceparent` as in W3C Trace
    /// Context, unchecked. Without a watcher of traces there is nothing to do.
    fn continues(&self, _span: &Span, _traceparent: &str) {}

    /// What `GET /metrics` answers, in the OpenMetrics text format.
    fn page(&self) -> Page<'_>;
}
