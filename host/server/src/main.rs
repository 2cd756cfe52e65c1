//! `hookgate`: the server, and the tools around it. The only place that sees all the crates.

mod admin;
mod allocator;
mod app;
mod background;
mod cli;
mod commands;
mod compilation;
mod config;
mod data_dir;
mod generations;
mod initial_roles;
mod metrics;
mod plugin_services;
mod telemetry;
mod tool_cache;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(code) => code,
        Err(error) => error.reader_is_gone().unwrap_or_else(|| {
            eprintln!("hookgate: {error}");
            // 2 for everything that the operator can mend, as the command line parser does.
            ExitCode::from(2)
        }),
    }
}
