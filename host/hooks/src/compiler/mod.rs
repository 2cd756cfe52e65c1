//! Who turns components into machine code, and what that may cost.
//!
//! A component of a few kilobytes can keep a compiler busy for hours or fill the machine's memory, and
//! nothing inside a process can stop that. So a server compiles in a child process that it can kill; a
//! library user, or a test, may do it in place.

mod child;
mod job;
mod worker;

use std::path::PathBuf;

use wasmtime::Engine;

use crate::cause::panic_text;
use crate::inspect::componentize;

use job::{Job, Task};
use worker::code;

pub(crate) use job::{CompileLimits, Target};
pub use worker::run_compiler;

/// Who compiles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Compiler {
    /// This process, on a blocking thread. Nothing bounds what a hostile component costs: for components
    /// that are trusted.
    #[default]
    InProcess,
    /// A child process, which is killed when it takes too long.
    Child(CompilerCommand),
}

/// How to start a compiler: a program that calls [`run_compiler`] and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompilerCommand {
    /// The program.
    pub program: PathBuf,
    /// What it is called with.
    pub arguments: Vec<String>,
    /// All of its environment.
    pub environment: Vec<(String, String)>,
    /// How much lower than the parent's its priority is, from 0 to 19.
    pub niceness: u8,
}

impl CompilerCommand {
    /// This very program, called with these arguments. It is found even when its file has been replaced
    /// by an upgrade, so that both sides are always of one version.
    ///
    /// # Errors
    /// The operating system does not say which program runs.
    pub fn this_program(arguments: &[&str]) -> std::io::Result<Self> {
        let link = PathBuf::from("/proc/self/exe");
        let program = if link.exists() { link } else { std::env::current_exe()? };
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Ok(Self { program, arguments, environment: Vec::new(), niceness: 0 })
    }
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CompileError {
    /// The bytes are at fault.
    Refused(String),
    /// It was killed.
    Time,
    /// It wanted more memory than it may have.
    Memory,
    /// The host is at fault.
    Host(String),
}

impl Compiler {
    /// Machine code for `engine`, which `target` describes.
    pub(crate) async fn code(
        &self,
        engine: &Engine,
        target: Target,
        limits: CompileLimits,
        component: &[u8],
    ) -> Result<Vec<u8>, CompileError> {
        match self {
            Self::InProcess => {
                let (engine, component) = (engine.clone(), component.to_vec());
                in_process(move || code(&engine, &component)).await
            }
            Self::Child(command) => {
                child::run(command, Job::new(Task::Code, target, limits), limits, component).await
            }
        }
    }

    /// The component that a core module with WIT in it describes.
    pub(crate) async fn component(
        &self,
        target: Target,
        limits: CompileLimits,
        module: &[u8],
    ) -> Result<Vec<u8>, CompileError> {
        match self {
            Self::InProcess => {
                let module = module.to_vec();
                in_process(move || componentize::encode(&module)).await
            }
            Self::Child(command) => {
                child::run(command, Job::new(Task::Component, target, limits), limits, module).await
            }
        }
    }
}

async fn in_process(
    work: impl FnOnce() -> Result<Vec<u8>, String> + Send + 'static,
) -> Result<Vec<u8>, CompileError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(CompileError::Refused),
        Err(error) if error.is_panic() => {
            let text = panic_text(&*error.into_panic());
            Err(CompileError::Host(format!("the compiler panicked: {text}")))
        }
        Err(error) => Err(CompileError::Host(format!("the compiler was stopped: {error}"))),
    }
}
