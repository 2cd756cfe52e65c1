//! Plugins that are swapped under load: not one request may fail.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::Connection;
use crate::process::Process;
use crate::requests::{CONNECTIONS, sign_up};
use crate::{guest, version};

/// For a million requests or so.
const DURATION: Duration = Duration::from_secs(110);
/// A version is put in place so often. The folder's watcher waits for it to be left alone for a while.
const EVERY: Duration = Duration::from_millis(250);

pub(crate) async fn report() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), 0);
    let server = Process::hookgate(Some(folder.path()));
    let chains = sign_up(server.address, "refresh_token").await;
    let before = generation(server.address).await;
    let failed = Arc::new(AtomicUsize::new(0));
    let end = Instant::now() + DURATION;
    let workers: Vec<_> = chains
        .into_iter()
        .map(|token| tokio::spawn(refresh(server.address, token, end, Arc::clone(&failed))))
        .collect();
    let mut puts = 0;
    while Instant::now() < end {
        tokio::time::sleep(EVERY).await;
        puts += 1;
        put(folder.path(), puts % 2);
    }
    let mut served = 0;
    for worker in workers {
        served += worker.await.unwrap();
    }
    let swaps = generation(server.address).await - before;
    assert!(swaps > 0, "nothing was swapped");
    let failed = failed.load(Ordering::Relaxed);
    println!(
        "\n## Swaps under load ({CONNECTIONS} connections that refresh, 2 hook calls each, {} s)\n",
        DURATION.as_secs()
    );
    println!("| requests | swaps | failed |");
    println!("|---|---|---|");
    println!("| {} | {swaps} | {failed} |", served + failed);
}

/// Follows a chain of refresh tokens; gives how many were answered as they should.
async fn refresh(address: SocketAddr, mut token: String, end: Instant, failed: Arc<AtomicUsize>) -> usize {
    let mut connection = Connection::open(address).await;
    let mut served = 0;
    while Instant::now() < end {
        let reply = connection.post("/auth/refresh", &format!(r#"{{"refresh_token":"{token}"}}"#)).await;
        if reply.status == 200 {
            reply.member("refresh_token").clone_into(&mut token);
            served += 1;
        } else {
            if failed.fetch_add(1, Ordering::Relaxed) == 0 {
                println!("the first that failed: {} {}", reply.status, reply.body);
            }
        }
    }
    served
}

fn put(folder: &Path, n: usize) {
    let aside = folder.join(".incoming");
    fs::write(&aside, version(guest("jwt-add-claim"), n)).unwrap();
    fs::rename(&aside, folder.join("jwt-add-claim.wasm")).unwrap();
}

/// The number of the generation that serves.
async fn generation(address: SocketAddr) -> usize {
    let metrics = Connection::open(address).await.get("/metrics", "").await.body;
    let line = metrics.lines().find(|line| line.contains("plugin_generation ") && !line.starts_with('#'));
    line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
}
