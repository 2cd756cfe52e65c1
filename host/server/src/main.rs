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
        // As if the signal of that name had ended it, which ends most programs.
        Err(error) if error.is_reader_gone() => ExitCode::from(128 + SIGPIPE),
        Err(error) => {
            eprintln!("hookgate: {error}");
            // 2 for everything that the operator can mend, as the command line parser does.
            ExitCode::from(2)
        }
    }
}
