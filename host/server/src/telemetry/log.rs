//! The log: one line per fact, to standard error.

use std::io;

use tracing::Subscriber;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer, Registry};

use crate::config::LogConfig;

/// The log alone. A span is made only if its level is logged.
pub(super) fn alone(config: LogConfig) -> Box<dyn Subscriber + Send + Sync> {
    let builder = fmt::Subscriber::builder()
        .with_writer(io::stderr)
        .with_max_level(LevelFilter::from_level(config.level))
        .with_ansi(false)
        // It would tell standard error that standard error is full, and panic.
        .log_internal_errors(false);
    if config.json {
        Box::new(builder.json().flatten_event(true).finish())
    } else {
        Box::new(builder.finish())
    }
}

/// The same lines beside a layer that has its own mind about which spans it wants.
pub(super) fn beside(
    config: LogConfig,
    layer: impl Layer<Registry> + Send + Sync,
) -> Box<dyn Subscriber + Send + Sync> {
    let level = LevelFilter::from_level(config.level);
    let log = fmt::layer().with_writer(io::stderr).with_ansi(false).log_internal_errors(false);
    let registry = tracing_subscriber::registry().with(layer);
    if config.json {
        Box::new(registry.with(log.json().flatten_event(true).with_filter(level)))
    } else {
        Box::new(registry.with(log.with_filter(level)))
    }
}
