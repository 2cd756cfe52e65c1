//! The log: one line per fact, to standard error.

use std::io;

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;

use crate::config::LogConfig;

/// Starts logging. Once per process.
pub(crate) fn init(config: LogConfig) {
    let builder = fmt::Subscriber::builder()
        .with_writer(io::stderr)
        .with_max_level(LevelFilter::from_level(config.level))
        .with_ansi(false)
        // It would tell standard error that standard error is full, and panic.
        .log_internal_errors(false);
    let result = if config.json {
        tracing::subscriber::set_global_default(builder.json().flatten_event(true).finish())
    } else {
        tracing::subscriber::set_global_default(builder.finish())
    };
    if let Err(error) = result {
        eprintln!("hookgate: logging: {error}");
    }
}
