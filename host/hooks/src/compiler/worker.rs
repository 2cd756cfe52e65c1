//! The work, and the child's side of it: limits itself, then reads a job, does it, and ends.

use std::io::{self, BufRead as _, Read as _, Write as _};
use std::process::ExitCode;

use wasmtime::Engine;

use super::job::{DONE, Job, REFUSED, Task};
use crate::cause::chain_of;
use crate::engine::settings;
use crate::inspect::componentize;
use crate::text::one_line;

/// Does one compiler's job, told on standard input, answered on standard output. For the program that
/// [`crate::CompilerCommand`] names; it has to end afterwards.
#[must_use]
pub fn run_compiler() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut line = String::new();
    input.read_line(&mut line)?;
    let job: Job = serde_json::from_str(&line)?;
    limit(&job)?;
    let mut bytes = vec![0; job.length];
    input.read_exact(&mut bytes)?;
    drop(input);
    end_with_the_parent();

    let result = match job.task {
        Task::Code => settings::for_compiling(job.on_demand, job.count_instructions)
            .map_err(|error| io::Error::other(format!("{error:#}")))
            .map(|engine| code(&engine, &bytes))?,
        Task::Component => componentize::encode(&bytes),
    };
    let mut out = io::stdout().lock();
    let (bytes, verdict) = match result {
        Ok(bytes) => (bytes, DONE),
        Err(reason) => (reason.into_bytes(), REFUSED),
    };
    out.write_all(&bytes)?;
    out.write_all(&[verdict])?;
    out.flush()
}

/// Machine code from a component, or why it can't be compiled.
pub(super) fn code(engine: &Engine, component: &[u8]) -> Result<Vec<u8>, String> {
    engine.precompile_component(component).map_err(|error| one_line(&chain_of(&error), 400))
}

/// Whoever is killed can't kill its children. Standard input stays open until the parent has its answer,
/// so its end means that nobody waits for one any more.
fn end_with_the_parent() {
    let watching = std::thread::Builder::new().stack_size(64 << 10).spawn(|| {
        let mut rest = [0_u8; 1];
        if matches!(io::stdin().read(&mut rest), Ok(0) | Err(_)) {
            std::process::exit(1);
        }
    });
    if let Err(error) = watching {
        eprintln!("no watch over the parent: {error}");
    }
}

#[cfg(unix)]
fn limit(job: &Job) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, nice, setrlimit};
    let at_most = |value| Rlimit { current: Some(value), maximum: Some(value) };
    setrlimit(Resource::As, at_most(job.memory_bytes))?;
    setrlimit(Resource::Cpu, at_most(job.cpu_seconds))?;
    setrlimit(Resource::Core, at_most(0))?;
    // It writes to pipes alone.
    setrlimit(Resource::Fsize, at_most(0))?;
    if let Err(error) = nice(job.niceness.min(19).into()) {
        // Some containers forbid it, and then it is merely less polite.
        eprintln!("no lower priority: {error}");
    }
    Ok(())
}

#[cfg(not(unix))]
fn limit(_: &Job) -> io::Result<()> {
    Ok(())
}
