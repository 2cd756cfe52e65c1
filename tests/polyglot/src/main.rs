//! Writes `docs/plugins/matrix.md` and the languages' section of `docs/benchmarks.md`, from what is in `build`.
//!
//! `cargo run --release -p hookgate-polyglot [CALLS]`

mod bare;
mod measure;
mod table;
mod times;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use hookgate_polyglot::languages::{LANGUAGES, build_folder};

use crate::measure::{Measured, Small};

/// Between these lines of `docs/benchmarks.md` the tables are.
const MARKS: [&str; 2] = ["<!-- languages: printed -->\n", "<!-- languages: end -->\n"];

/// The server's own, so that a call costs here what it costs there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if std::env::args().nth(1).is_some_and(|argument| argument == measure::COMPILER) {
        return hookgate_hooks::run_compiler();
    }
    hookgate_polyglot::logs::keep();
    let calls = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(5_000);
    match write(calls) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write(calls: usize) -> Result<(), String> {
    let mut all = Vec::new();
    for language in LANGUAGES {
        let Some(path) = language.built()? else { continue };
        eprintln!("{} …", language.name);
        all.push(Measured::of(language, &path, calls)?);
    }
    if all.is_empty() {
        return Err("there is nothing to measure: run tests/polyglot/build.sh".to_owned());
    }
    let small = small(calls)?;
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let matrix = docs.join("plugins/matrix.md");
    fs::write(&matrix, table::matrix(&all, calls))
        .map_err(|error| format!("{}: {error}", matrix.display()))?;
    let benchmarks = docs.join("benchmarks.md");
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", benchmarks.display());
    let page = fs::read_to_string(&benchmarks).map_err(|error| named(&error))?;
    let page = replaced(&page, &table::benchmarks(&all, &small, calls))
        .ok_or_else(|| named(&"the marks are gone"))?;
    fs::write(&benchmarks, page).map_err(|error| named(&error))
}

/// What `try-new.sh --keep` left.
fn small(calls: usize) -> Result<Vec<Small>, String> {
    let folder = build_folder().join("new");
    let named = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths: Vec<_> = match fs::read_dir(&folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<Result<_, _>>().map_err(named)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(named(error)),
    };
    paths.sort();
    paths.iter().map(|path| Small::of(path, calls)).collect()
}

/// The page with other tables between the marks.
fn replaced(page: &str, tables: &str) -> Option<String> {
    let (before, rest) = page.split_once(MARKS[0])?;
    let (_, after) = rest.split_once(MARKS[1])?;
    Some(format!("{before}{}{tables}{}{after}", MARKS[0], MARKS[1]))
}
