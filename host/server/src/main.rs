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

/// POSIX numbers it.
const SIGPIPE: u8 = 13;

fn main() -> ExitCode {
    match cli::run() {
        Ok(code) => code,
        // What was not read may have been that the plugin is no good: it ends as if by the signal of that name.
        Err(error) if error.is_reader_gone() => ExitCode::from(128 + SIGPIPE),
        Err(error) => {
            eprintln!("hookgate: {error}");
            // 2 for everything that the operator can mend, as the command line parser does.
            ExitCode::from(2)
        }
    }
}
