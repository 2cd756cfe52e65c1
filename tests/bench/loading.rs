//! What it takes until plugins serve: fifty at a start, one in a swap; with machine code in the cache and
//! without.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use hookgate_hooks::{Archive, CodeCache, Compilation, EngineConfig, HookEngine, PluginFolder};
use tempfile::TempDir;

use crate::process::Process;

const PLUGINS: usize = 50;
const SWAPS: usize = 40;

pub(crate) async fn report() {
    println!("\n## Loading\n");
    println!("| what | ms |");
    println!("|---|---|");
    let disk = TempDir::new().unwrap();
    let folder = disk.path().join("plugins");
    fs::create_dir(&folder).unwrap();
    for n in 0..PLUGINS {
        fs::write(folder.join(format!("plugin-{n:02}.wasm")), version(n)).unwrap();
    }
    // Files that were left alone for a while are read once.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (cold, _) = open(disk.path()).await;
    let mut warm: Vec<f64> = Vec::new();
    for _ in 0..5 {
        warm.push(milliseconds(open(disk.path()).await.0));
    }
    println!("| {PLUGINS} plugins, compiled | {:.1} |", milliseconds(cold));
    println!("| {PLUGINS} plugins, from the cache | {:.1} |", crate::median(warm));
    start_of_a_server(&folder);
    swap(disk.path()).await;
}

/// From the start of the process to the line that says where it listens.
fn start_of_a_server(folder: &Path) {
    let data = TempDir::new().unwrap();
    let times: Vec<f64> = (0..4)
        .map(|_| {
            let began = Instant::now();
            let process = Process::hookgate_on(Some(folder), data.path());
            let took = milliseconds(began.elapsed());
            drop(process);
            took
        })
        .collect();
    println!("| the server ready with them, first start | {:.1} |", times[0]);
    println!("| the server ready with them, later | {:.1} |", crate::median(times[1..].to_vec()));
}

/// Puts two versions in place by turns; both are in the cache after the first round.
async fn swap(disk: &Path) {
    let (_, mut folder) = open(disk).await;
    let mut times = Vec::new();
    for n in 0..SWAPS {
        let aside = disk.join("aside");
        fs::write(&aside, version(n % 2 + 100)).unwrap();
        fs::rename(&aside, disk.join("plugins/plugin-00.wasm")).unwrap();
        let before = folder.registry().current().number();
        let began = Instant::now();
        let report = folder.reload().await;
        let took = began.elapsed();
        assert_eq!(report.generation, before + 1);
        if n >= 2 {
            times.push(milliseconds(took));
        }
    }
    println!("| a swap of a cached plugin | {:.1} |", crate::median(times));
}

async fn open(disk: &Path) -> (Duration, PluginFolder) {
    let cache = Some(CodeCache::new(disk.join("cache"), b"a secret for the benchmark", 1 << 30));
    let compilation = Compilation { cache, ..Compilation::default() };
    let engine = HookEngine::with(EngineConfig::default(), compilation).unwrap();
    let archive = Archive::new(disk.join("generations"), 10);
    let began = Instant::now();
    let (folder, report) = PluginFolder::open(&engine, disk.join("plugins"), Some(archive)).await.unwrap();
    assert_eq!((report.plugins.len(), report.refused().count()), (PLUGINS, 0));
    (began.elapsed(), folder)
}

/// One of the example plugins, each time with another digest.
fn version(n: usize) -> Vec<u8> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../example-plugins/prebuilt/plan-and-roles.wasm");
    crate::version(fs::read(path).unwrap(), n)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
