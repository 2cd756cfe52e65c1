//! `cargo xtask`: the commands.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

const USAGE: &str = "\
cargo xtask plugins           builds all example plugins and test guests and refreshes the prebuilt copies
cargo xtask plugins NAME …    builds those alone
cargo xtask plugins --check   says which prebuilt copies are older than their source
cargo xtask link FILE …       makes one of the core modules of components, as `hookgate plugin build` does of script engines'";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let root = xtask::root();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["plugins", "--check"] => {
            let stale = xtask::prebuilt::stale(&root);
            if !stale.is_empty() {
                bail!("{}", stale.join("\n"));
            }
            println!("all prebuilt plugins are fresh");
            Ok(())
        }
        ["plugins", names @ ..] if names.iter().all(|name| !name.starts_with('-')) => {
            xtask::build::plugins(&root, names)
        }
        ["link", files @ ..] if !files.is_empty() => files.iter().try_for_each(|file| link(Path::new(file))),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => bail!("no such command: {}\n\n{USAGE}", arguments.join(" ")),
    }
}

fn link(file: &Path) -> Result<()> {
    let about = || file.display().to_string();
    let linked = hookgate_plugin_build::link::link(&std::fs::read(file).with_context(about)?);
    std::fs::write(file, linked.with_context(about)?).with_context(about)
}
