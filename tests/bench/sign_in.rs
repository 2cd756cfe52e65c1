//! Sign-ins with passwords as dear as they are by default: how much of what argon2 allows gets through
//! the server, and what a flood of them does to everybody else.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::client::Connection;
use crate::median;
use crate::process::Process;

/// One round of one thing.
const ROUND: Duration = Duration::from_secs(5);
const ROUNDS: usize = 3;
/// Connections that sign in at the same time: enough that no hashing thread ever waits.
const SIGN_INS: usize = 16;
/// Enough that the compiler is busy for a whole round.
const LARGE_PLUGINS: usize = 5;
const LARGE_MANIFEST: &str = r#"
grants = ["log", "config", "request", "clock", "random", "kv", "http", "secrets"]
[http]
hosts = ["api.example"]
[config]
greeting = "hello"
seats = 3
"#;
/// `/auth/me` is asked for so often while its latency is measured.
const EVERY: Duration = Duration::from_millis(2);
/// The server's defaults.
const MEMORY_KIB: u32 = 65_536;
const ITERATIONS: u32 = 3;
const LANES: u32 = 4;

/// Beside bare argon2 on as many threads.
pub(crate) async fn throughput() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let server = Process::hookgate_with_default_passwords(None);
    let emails = register(server.address).await;
    let (mut bare, mut through) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        bare.push(tokio::task::spawn_blocking(move || argon2_alone(threads)).await.unwrap());
        through.push(signed_in(server.address, &emails).await);
    }
    let (bare, through) = (median(bare), median(through));
    println!(
        "\n## Sign-ins ({MEMORY_KIB} KiB, {ITERATIONS} passes, {LANES} lanes, {threads} hashing threads, {SIGN_INS} connections, median of {ROUNDS} × {} s)\n",
        ROUND.as_secs()
    );
    println!("| what | per second | of bare argon2 |");
    println!("|---|---|---|");
    println!("| bare argon2 on {threads} threads | {bare:.1} | 100 % |");
    println!("| `POST /auth/login` | {through:.1} | {:.0} % |", 100.0 * through / bare);
}

/// `/auth/me` with nobody else there, during a flood of sign-ins, and while large plugins are compiled.
pub(crate) async fn latency() {
    let plugins = TempDir::new().unwrap();
    let server = Process::hookgate_with_default_passwords(Some(plugins.path()));
    let emails = register(server.address).await;
    let token = access_token(server.address, &emails[0]).await;
    let (mut idle, mut busy, mut compiling, mut sign_ins) = (vec![], vec![], vec![], 0);
    for _ in 0..ROUNDS {
        idle.extend(latencies(server.address, &token).await);
        let flood = Flood::start(server.address, &emails);
        // Until every hashing thread is at work.
        tokio::time::sleep(Duration::from_millis(500)).await;
        busy.extend(latencies(server.address, &token).await);
        sign_ins += flood.stop().await;
    }
    // Afterwards: these plugins would be asked at every sign-in.
    for round in 0..ROUNDS {
        put_large_plugins(plugins.path(), round);
        // Until they are seen.
        tokio::time::sleep(Duration::from_millis(500)).await;
        compiling.extend(latencies(server.address, &token).await);
        // They are compiled one after the other, and for longer than the round lasts.
        assert!(is_compiling(server.id()), "the plugins were compiled too soon");
        while is_compiling(server.id()) {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
    println!(
        "\n## `GET /auth/me` beside other work ({SIGN_INS} connections that signed in {sign_ins} times; plugins of 4.7 MB that are compiled; one request each {} ms)\n",
        EVERY.as_millis()
    );
    println!("| what | requests | p50 ms | p99 ms | p99 of idle |");
    println!("|---|---|---|---|---|");
    let idle_p99 = percentile(&mut idle, 99);
    for (what, mut times) in
        [("idle", idle), ("during the flood", busy), ("while plugins are compiled", compiling)]
    {
        let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
        println!("| {what} | {} | {p50:.2} | {p99:.2} | {:.1} |", times.len(), p99 / idle_p99);
    }
}

/// Plugins that take seconds to compile, each round with other digests.
fn put_large_plugins(folder: &Path, round: usize) {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpus"));
    let large = fs::read(corpus.join("0.1.0/go.wasm")).unwrap();
    for n in 0..LARGE_PLUGINS {
        fs::write(folder.join(format!("large-{n}.toml")), LARGE_MANIFEST).unwrap();
        let aside = folder.join("aside");
        fs::write(&aside, crate::version(large.clone(), LARGE_PLUGINS * round + n)).unwrap();
        fs::rename(&aside, folder.join(format!("large-{n}.wasm"))).unwrap();
    }
}

/// Whether a process has children.
fn is_compiling(id: u32) -> bool {
    let tasks = fs::read_dir(format!("/proc/{id}/task")).unwrap();
    tasks.filter_map(Result::ok).any(|task| {
        fs::read_to_string(task.path().join("children")).is_ok_and(|children| !children.trim().is_empty())
    })
}

/// Hashes per second with nothing around argon2; its memory is kept from one to the next.
fn argon2_alone(threads: usize) -> f64 {
    let started = Instant::now();
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            std::thread::spawn(move || {
                let params = Params::new(MEMORY_KIB, ITERATIONS, LANES, Some(32)).unwrap();
                let mut memory = vec![Block::default(); params.block_count()];
                let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
                let (mut hashes, mut digest) = (0_u64, [0; 32]);
                while started.elapsed() < ROUND {
                    argon2
                        .hash_password_into_with_memory(
                            b"correct horse battery",
                            b"sixteen of salt!",
                            &mut digest,
                            &mut memory,
                        )
                        .unwrap();
                    hashes += 1;
                }
                hashes
            })
        })
        .collect();
    let hashes: u64 = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
    hashes as f64 / started.elapsed().as_secs_f64()
}

/// Sign-ins per second, from the first request to the last answer.
async fn signed_in(address: SocketAddr, emails: &[String]) -> f64 {
    let started = Instant::now();
    let flood = Flood::start(address, emails);
    tokio::time::sleep(ROUND).await;
    let served = flood.stop().await;
    served as f64 / started.elapsed().as_secs_f64()
}

/// Sign-ins one after the other on each connection, until it is stopped.
struct Flood {
    has_ended: Arc<AtomicBool>,
    served: Arc<AtomicU64>,
    workers: Vec<JoinHandle<()>>,
}

impl Flood {
    fn start(address: SocketAddr, emails: &[String]) -> Self {
        let (has_ended, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let workers = emails
            .iter()
            .cloned()
            .map(|email| {
                let (has_ended, served) = (Arc::clone(&has_ended), Arc::clone(&served));
                tokio::spawn(async move {
                    let mut connection = Connection::open(address).await;
                    while !has_ended.load(Ordering::Relaxed) {
                        let reply = connection.post("/auth/login", &credentials(&email)).await;
                        assert_eq!(reply.status, 200, "{}", reply.body);
                        served.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        Self { has_ended, served, workers }
    }

    /// How many were served, those included that were under way.
    async fn stop(self) -> u64 {
        self.has_ended.store(true, Ordering::Relaxed);
        for worker in self.workers {
            worker.await.unwrap();
        }
        self.served.load(Ordering::Relaxed)
    }
}

/// Milliseconds of each request. One that could not be sent in time, because the answer before it came
/// late, counts from when it was due.
async fn latencies(address: SocketAddr, token: &str) -> Vec<f64> {
    let mut connection = Connection::open(address).await;
    let mut due = Instant::now();
    let end = due + ROUND;
    let mut times = Vec::new();
    while due < end {
        // The runtime's timer wakes up to a millisecond late, which is not the server's fault.
        let began = if Instant::now() < due {
            tokio::time::sleep_until(due.into()).await;
            Instant::now()
        } else {
            due
        };
        let reply = connection.get("/auth/me", token).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        times.push(began.elapsed().as_secs_f64() * 1e3);
        due += EVERY;
    }
    times
}

async fn register(address: SocketAddr) -> Vec<String> {
    let mut connection = Connection::open(address).await;
    let mut emails = Vec::new();
    for n in 0..SIGN_INS {
        let email = format!("user{n}@example.com");
        let reply = connection.post("/auth/register", &credentials(&email)).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        emails.push(email);
    }
    emails
}

async fn access_token(address: SocketAddr, email: &str) -> String {
    let reply = Connection::open(address).await.post("/auth/login", &credentials(email)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.member("access_token").to_owned()
}

fn credentials(email: &str) -> String {
    format!(r#"{{"email":"{email}","password":"correct horse battery"}}"#)
}

fn percentile(times: &mut [f64], percent: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    times[(times.len() - 1) * percent / 100]
}
