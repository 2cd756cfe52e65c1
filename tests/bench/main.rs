//! `cargo bench -p hookgate --bench throughput`: what the server costs, as ratios in one run.
//!
//! Each figure stands beside a baseline that is measured in turn with it, by the same client, on the
//! same machine: a bare axum server for requests, bare wasmtime for hook calls. Absolute numbers say
//! something about the machine; the ratios say something about the code.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded for people anyway")]

mod baseline;
mod client;
mod hook_call;
mod loading;
mod process;
mod requests;

use std::time::Duration;

/// How long one round of requests lasts.
const ROUND: Duration = Duration::from_secs(3);
/// Rounds of each; the median counts.
const ROUNDS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "--baseline-server") {
        return baseline::run();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        hook_call::report().await;
        loading::report().await;
        requests::report().await;
    });
}

/// The middle one.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
