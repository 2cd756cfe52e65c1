//! Writes `docs/plugins/matrix.md`: language × hook × capability × size × microseconds, from what is in `build`.
//!
//! `cargo run --release --manifest-path tests/polyglot/Cargo.toml`; an argument is the number of calls.

mod measure;
mod table;

use std::path::Path;
use std::process::ExitCode;

use hookgate_polyglot::subject::{Subject, build_folder, components};

use crate::measure::Measured;

fn main() -> ExitCode {
    hookgate_polyglot::logs::keep();
    let calls = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(2_000);
    match matrix(calls) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn matrix(calls: usize) -> Result<(), String> {
    let mut all = Vec::new();
    for (language, path) in components(&build_folder().join("reference"))? {
        eprintln!("{language} …");
        let subject = Subject::load(&language, &path, None)?;
        all.push(Measured::of(&subject, calls)?);
    }
    let text = table::markdown(&all, calls);
    println!("{text}");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/plugins/matrix.md");
    std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))
}
