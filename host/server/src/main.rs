//! `hookgate`: the server, and the tools around it. The only place that sees all the crates.

mod app;
mod background;
mod cli;
mod commands;
mod config;
mod data_dir;
mod plugin_services;
mod telemetry;

use std::process::ExitCode;

/// A request allocates and frees a few dozen small things, across threads: a tenth of its time with the
/// system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("hookgate: {error}");
            // 2 for everything that the operator can mend, as the command line parser does.
            ExitCode::from(2)
        }
    }
}
