//! What a slot of the pool may keep between two calls, with one caller and with two.
//!
//! `cargo run --release --workspace --example concurrent_calls [PLUGIN.wasm]`
//!
//! Giving pages back to the kernel is cheap alone, and dear when the other core's page tables must be flushed. What
//! one call costs beside bare wasmtime is in the benchmarks: `hook-calls`.

#[path = "../tests/host/kit.rs"]
#[expect(dead_code, unused_imports, reason = "the tests use the rest")]
mod kit;

use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use hookgate_core::hooks::Hooks as _;
use hookgate_hooks::{Compilation, EngineConfig, HookEngine, Manifest, PoolTuning, Registry};

const ROUNDS: usize = 5;
const CALLS: u32 = 4_000;

fn main() -> std::io::Result<()> {
    let prebuilt = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/guests/prebuilt/jwt-add-claim.wasm");
    let bytes = std::fs::read(std::env::args().nth(1).unwrap_or_else(|| prebuilt.to_owned()))?;
    settings(&bytes);
    Ok(())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// What is tried: its name, what a place keeps of its memory, and how else it differs from the server's.
fn variants() -> [(&'static str, u64, PoolTuning); 6] {
    let resident = EngineConfig::default().resident_bytes;
    let usual = PoolTuning::default();
    [
        ("as in the server", resident, usual),
        ("memory resident: 0", 0, usual),
        ("memory resident: 64 KiB", 64 << 10, usual),
        ("memory resident: 1 MiB", 1 << 20, usual),
        ("decommit batch: 16", resident, PoolTuning { decommit_batch: 16, ..usual }),
        ("pagemap scan", resident, PoolTuning { pagemap_scan: true, ..usual }),
    ]
}

/// All variants in turn, so that what else the machine does hits all alike.
fn settings(bytes: &[u8]) {
    let mut variants = variants().map(|(name, resident_bytes, tuning)| {
        (name, Arc::new(registry(bytes, resident_bytes, &tuning)), Vec::new(), Vec::new())
    });
    for _ in 0..ROUNDS {
        for (_, registry, alone, both) in &mut variants {
            alone.push(callers(registry, 1));
            both.push(callers(registry, 2));
        }
    }
    println!("\n| pool | µs per call, 1 caller | 2 callers | calls per second of 2 |");
    println!("|---|---|---|---|");
    for (name, _, alone, both) in variants {
        let (alone, both) = (median(alone), median(both));
        println!("| {name} | {alone:.1} | {both:.1} | {:.0} |", 2e6 / both);
    }
}

fn registry(bytes: &[u8], resident_bytes: u64, tuning: &PoolTuning) -> Registry {
    let config = EngineConfig { resident_bytes, ..EngineConfig::default() };
    let engine = HookEngine::tuned(config, Compilation::default(), tuning).expect("an engine with this pool");
    let plugin = runtime().block_on(engine.prepare("plugin", bytes.to_vec(), Manifest::default()));
    Registry::new(vec![plugin.expect("a plugin")])
}

/// The mean of the calls of so many threads that call at the same time, in microseconds.
fn callers(registry: &Arc<Registry>, threads: u32) -> f64 {
    let start = Arc::new(Barrier::new(threads as usize));
    let callers: Vec<_> = (0..threads)
        .map(|_| {
            let (registry, start) = (Arc::clone(registry), Arc::clone(&start));
            std::thread::spawn(move || {
                HookEngine::on_thread_start();
                runtime().block_on(caller(&registry, &start))
            })
        })
        .collect();
    let times = callers.into_iter().map(|caller| caller.join().expect("no panic"));
    micros(times.sum::<Duration>() / threads) / f64::from(CALLS)
}

async fn caller(registry: &Registry, start: &Barrier) -> Duration {
    let (user, context, claims) = (kit::user(), kit::context(), kit::claims());
    start.wait();
    let began = Instant::now();
    for _ in 0..CALLS {
        let answer = registry.pin().modify_jwt(&context, claims.clone(), &user).await;
        assert!(answer.is_ok(), "{answer:?}");
    }
    began.elapsed()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
