//! Resident memory of a server with plugins that nobody calls.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::process::Process;
use crate::{guest, version};

const PLUGINS: usize = 50;

pub(crate) async fn report() {
    let folder = TempDir::new().unwrap();
    for n in 0..PLUGINS {
        let component = version(guest("jwt-add-claim"), n);
        fs::write(folder.path().join(format!("plugin-{n:02}.wasm")), component).unwrap();
    }
    let (without, with) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    // The first start compiles.
    drop(Process::hookgate_on(Some(folder.path()), with.path()));
    let empty = TempDir::new().unwrap();
    let none = resident(empty.path(), without.path()).await;
    let fifty = resident(folder.path(), with.path()).await;
    println!("\n## Memory of idle plugins (KiB resident, machine code from the cache)\n");
    println!("| what | own memory | mapped files | both |");
    println!("|---|---|---|---|");
    println!("| no plugin | {} | {} | {} |", none[0], none[1], none[0] + none[1]);
    println!("| {PLUGINS} plugins | {} | {} | {} |", fifty[0], fifty[1], fifty[0] + fifty[1]);
    let each = |n: usize| (fifty[n] as f64 - none[n] as f64) / PLUGINS as f64;
    println!("| per plugin | {:.0} | {:.0} | {:.0} |", each(0), each(1), each(0) + each(1));
}

/// Of a server that was just started: anonymous pages and those of files, in KiB.
async fn resident(plugins: &Path, data: &Path) -> [u64; 2] {
    let server = Process::hookgate_on(Some(plugins), data);
    // What was needed to start alone goes back to the system.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    ["RssAnon:", "RssFile:"].map(|name| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    })
}
