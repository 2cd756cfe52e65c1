//! `cargo bench -p hookgate --bench throughput`: what the server costs, as ratios in one run.
//!
//! Each figure stands beside a baseline that is measured in turn with it, by the same client, on the
//! same machine: a bare axum server for requests, bare wasmtime for hook calls. Absolute numbers say
//! something about the machine; the ratios say something about the code.
//!
//! `cargo bench -p hookgate --bench throughput -- NAME…` runs only the parts whose names contain one of
//! those: `hook-calls`, `deadline`, `ways`, `loading`, `swaps`, `memory`, `requests`, `sign-in`,
//! `latency`, `users`.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded for people anyway")]

mod baseline;
mod client;
mod deadline;
mod hook_call;
mod loading;
mod memory;
mod process;
mod requests;
mod sign_in;
mod swaps;
mod users;
mod ways;

use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

/// The server's own, so that what is called in this process costs what it costs there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long one round of requests lasts.
const ROUND: Duration = Duration::from_secs(3);
/// Rounds of each; the median counts.
const ROUNDS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "--baseline-server") {
        return baseline::run();
    }
    let wanted: Vec<&String> = arguments[1..].iter().filter(|text| !text.starts_with("--")).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|name| part.contains(name.as_str()));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_start(hookgate_hooks::HookEngine::on_thread_start)
        .build()
        .unwrap();
    let mut ran = 0;
    for (name, report) in PARTS {
        if is_wanted(name) {
            runtime.block_on(report());
            ran += 1;
        }
    }
    assert_ne!(ran, 0, "no part of that name: there are {:?}", PARTS.map(|(name, _)| name));
}

/// Measures one thing and prints its table.
type Report = fn() -> Pin<Box<dyn Future<Output = ()>>>;

const PARTS: [(&str, Report); 10] = [
    ("hook-calls", || Box::pin(hook_call::report())),
    ("deadline", || Box::pin(deadline::report())),
    ("ways", || Box::pin(ways::report())),
    ("loading", || Box::pin(loading::report())),
    ("swaps", || Box::pin(swaps::report())),
    ("memory", || Box::pin(memory::report())),
    ("requests", || Box::pin(requests::report())),
    ("sign-in", || Box::pin(sign_in::throughput())),
    ("latency", || Box::pin(sign_in::latency())),
    ("users", || Box::pin(users::report())),
];

/// A component of `tests/guests`.
fn guest(name: &str) -> Vec<u8> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/guests/prebuilt"));
    std::fs::read(folder.join(format!("{name}.wasm"))).unwrap()
}

/// A component that differs from itself in a custom section alone, and so in its digest.
fn version(mut component: Vec<u8>, n: usize) -> Vec<u8> {
    let name = format!("version-{n:04}");
    // Id 0, the size of what follows, the length of the name, the name.
    component.extend([0, u8::try_from(name.len() + 1).unwrap(), u8::try_from(name.len()).unwrap()]);
    component.extend(name.bytes());
    component
}

/// The middle one.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
