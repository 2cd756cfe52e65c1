//! `hookgate plugin`: the plugin author's tools, with the engine, the limits and the checks of the server.
//!
//! None of them reads a configuration or touches a data folder. What the operator does with plugins that
//! serve is in [`super::serving`].

mod bench;
mod build;
mod call;
mod capture;
mod difference;
mod error;
mod expect;
mod fixture;
mod inspect;
mod load;
mod new;
mod run;
mod stand_in;
mod test;
mod text;

pub(crate) use error::PluginError;

use std::process::ExitCode;

use clap::Subcommand;

use super::CommandError;
use super::serving::{ServingCommand, serving};

/// The exit code of a hook that failed, of a case that did not pass.
const FAILED: u8 = 1;

/// What `hookgate plugin` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    /// Make a new plugin project, which builds and passes its own tests.
    New(new::NewArgs),
    /// Build a plugin project and check what comes out as the server would.
    Build(build::BuildArgs),
    /// Say what a component is, and whether the server would accept it.
    Inspect(inspect::InspectArgs),
    /// Call one hook, with a made-up user and request.
    Run(run::RunArgs),
    /// Run a folder of cases: what is asked, and what must be answered.
    Test(test::TestArgs),
    /// Measure what a call costs.
    Bench(bench::BenchArgs),
    #[command(flatten)]
    Serving(ServingCommand),
}

/// Does what the command line says.
pub(crate) fn plugin(command: PluginCommand) -> Result<ExitCode, CommandError> {
    let done = match command {
        PluginCommand::New(args) => new::new(&args),
        PluginCommand::Build(args) => build::build(&args),
        PluginCommand::Inspect(args) => inspect::inspect(&args),
        PluginCommand::Run(args) => run::run(&args),
        PluginCommand::Test(args) => test::test(&args),
        PluginCommand::Bench(args) => bench::bench(&args),
        PluginCommand::Serving(command) => return serving(command).map(|()| ExitCode::SUCCESS),
    };
    Ok(done?)
}
