//! What a fresh `modify-jwt` costs, and what it costs when another call runs at the same time.
//!
//! `cargo run --release -p hookgate-hooks --example concurrent_calls [PLUGIN.wasm]`
//!
//! The first table takes one call apart: bare wasmtime (store, instance, call, drop) beside this crate's
//! chain, which does the same with every limit on. The second tries what a slot of the pool may keep
//! between two calls, with one caller and with two: giving pages back to the kernel is cheap alone, and
//! dear when the other core's page tables must be flushed.

#[path = "../tests/host/kit.rs"]
#[expect(dead_code, unused_imports, reason = "the tests use the rest")]
mod kit;

use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use hookgate_core::hooks::Hooks as _;
use hookgate_hooks::{Compilation, EngineConfig, HookEngine, HookInput, Manifest, PoolTuning, Registry};
use wasmtime::Store;
use wasmtime::component::{Component, ComponentType, Linker, Lower};

const ROUNDS: usize = 5;
const CALLS: u32 = 4_000;

fn main() -> wasmtime::Result<()> {
    let prebuilt = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/guests/prebuilt/jwt-add-claim.wasm");
    let bytes = std::fs::read(std::env::args().nth(1).unwrap_or_else(|| prebuilt.to_owned()))?;
    HookEngine::on_thread_start();
    runtime().block_on(one_call(&bytes))?;
    settings(&bytes);
    Ok(())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// What is tried: its name, and how it differs from the server's.
fn variants() -> [(&'static str, PoolTuning); 6] {
    let usual = PoolTuning::default();
    [
        ("as in the server", usual),
        ("memory resident: 0", PoolTuning { memory_resident: 0, ..usual }),
        ("memory resident: 64 KiB", PoolTuning { memory_resident: 64 << 10, ..usual }),
        ("memory resident: 1 MiB", PoolTuning { memory_resident: 1 << 20, ..usual }),
        ("decommit batch: 16", PoolTuning { decommit_batch: 16, ..usual }),
        ("pagemap scan", PoolTuning { pagemap_scan: true, ..usual }),
    ]
}

/// All variants in turn, so that what else the machine does hits all alike.
fn settings(bytes: &[u8]) {
    let mut variants =
        variants().map(|(name, tuning)| (name, Arc::new(registry(bytes, &tuning)), Vec::new(), Vec::new()));
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

fn registry(bytes: &[u8], tuning: &PoolTuning) -> Registry {
    let engine = HookEngine::tuned(EngineConfig::default(), Compilation::default(), tuning)
        .expect("an engine with this pool");
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

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(record)]
struct UserRecord<'a> {
    id: &'a str,
    email: &'a str,
    name: Option<&'a str>,
    image: Option<&'a str>,
    #[component(name = "email-verified")]
    email_verified: bool,
    #[component(name = "is-active")]
    is_active: bool,
}

async fn one_call(bytes: &[u8]) -> wasmtime::Result<()> {
    let plugin = kit::load("plugin", bytes.to_vec()).await;
    let (user, context, claims) = (kit::user(), kit::context(), kit::claims());

    let engine = kit::ENGINE.wasmtime();
    let component = Component::from_binary(engine, bytes)?;
    let mut linker = Linker::<()>::new(engine);
    let mut config = linker.instance("hookgate:hooks/config@0.1.0")?;
    config.func_wrap("get", |_, (_key,): (String,)| Ok((None::<String>,)))?;
    linker.define_unknown_imports_as_traps(&component)?;
    let pre = linker.instantiate_pre(&component)?;
    let interface = component.get_export_index(None, "hookgate:hooks/modify-jwt@0.1.0").expect("the hook");
    let export = component.get_export_index(Some(&interface), "modify-jwt").expect("the function");
    let text = serde_json::to_string(&claims).expect("JSON");
    let record = UserRecord {
        id: user.id.as_str(),
        email: &user.email,
        name: user.name.as_deref(),
        image: None,
        email_verified: true,
        is_active: true,
    };
    let registry = Registry::new(vec![plugin.clone()]);

    println!("| µs | bare wasmtime p50 | p99 | chain p50 | p99 | call alone p50 | p99 |");
    println!("|---|---|---|---|---|---|---|");
    for round in 1..=ROUNDS {
        let [mut bare, mut chain, mut alone] = [const { Vec::new() }; 3];
        for _ in 0..CALLS {
            let began = Instant::now();
            let mut store = Store::new(engine, ());
            store.set_epoch_deadline(1_000_000);
            let instance = pre.instantiate_async(&mut store).await?;
            let hook = instance
                .get_typed_func::<(&str, UserRecord<'_>), (Result<String, String>,)>(&mut store, &export)?;
            let (answer,) = hook.call_async(&mut store, (&text, record)).await?;
            drop(store);
            bare.push(began.elapsed());
            assert!(answer.is_ok());

            let claims = claims.clone();
            let began = Instant::now();
            let answer = registry.pin().modify_jwt(&context, claims, &user).await;
            chain.push(began.elapsed());
            assert!(answer.is_ok(), "{answer:?}");

            let (_, report) =
                plugin.call(&context, HookInput::ModifyJwt { claims: &text, user: &user }).await;
            alone.push(report.total);
        }
        println!("| round {round} | {} | {} | {} |", figures(bare), figures(chain), figures(alone));
    }
    Ok(())
}

fn figures(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |percent: usize| micros(times[times.len() * percent / 100]);
    format!("{:.1} | {:.1}", at(50), at(99))
}
