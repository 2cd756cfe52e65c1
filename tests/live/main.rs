//! The server as its three users see it: a real process, a real SQLite file, real components.
//!
//! `routes` is the HTTP API, `hooks` what plugins can and can't do to it, `operation` what the operator
//! sees: command line, configuration, crashes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod hooks;
mod kit;
mod operation;
mod routes;
