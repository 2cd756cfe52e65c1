//! Requests per second, beside a bare axum server.

use std::fs;
use std::net::SocketAddr;
use std::time::Instant;

use crate::client::Connection;
use crate::process::Process;
use crate::{ROUND, ROUNDS, guest, median};

/// Connections that are busy at the same time.
pub(crate) const CONNECTIONS: usize = 64;

pub(crate) async fn report() {
    let baseline = Process::baseline();
    let plain = Process::hookgate(None);
    let plugin_folder = one_plugin();
    let with_plugin = Process::hookgate(Some(plugin_folder.path()));

    let tokens = sign_up(plain.address, "access_token").await;
    let (mut hello, mut me, mut refresh, mut refresh_plugin) = (vec![], vec![], vec![], vec![]);
    let mut chains = sign_up(plain.address, "refresh_token").await;
    let mut chains_plugin = sign_up(with_plugin.address, "refresh_token").await;
    for _ in 0..ROUNDS {
        hello.push(run_get(baseline.address, "/hello", &vec![String::new(); CONNECTIONS]).await);
        me.push(run_get(plain.address, "/auth/me", &tokens).await);
        refresh.push(run_refresh(plain.address, &mut chains).await);
        refresh_plugin.push(run_refresh(with_plugin.address, &mut chains_plugin).await);
    }
    let hello = median(hello);
    println!(
        "\n## Requests ({CONNECTIONS} connections, client and server on the same cores, median of {ROUNDS})\n"
    );
    println!("| what | per second | of bare axum |");
    println!("|---|---|---|");
    for (what, figures) in [
        ("bare axum, `hello`", vec![hello]),
        ("`GET /auth/me`", me),
        ("`POST /auth/refresh`, durable commit, no plugin", refresh),
        ("`POST /auth/refresh`, durable commit, one plugin (2 hook calls)", refresh_plugin),
    ] {
        let rate = median(figures);
        println!("| {what} | {rate:.0} | {:.0} % |", 100.0 * rate / hello);
    }
}

/// A folder with a plugin that adds a claim.
fn one_plugin() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("jwt-add-claim.wasm"), guest("jwt-add-claim")).unwrap();
    folder
}

/// One user per connection; gives that member of each answer.
pub(crate) async fn sign_up(address: SocketAddr, member: &str) -> Vec<String> {
    let mut connection = Connection::open(address).await;
    let mut tokens = Vec::new();
    for n in 0..CONNECTIONS {
        let email = format!("{member}{n}@example.com");
        let body = format!(r#"{{"email":"{email}","password":"correct horse battery"}}"#);
        let reply = connection.post("/auth/register", &body).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        tokens.push(reply.member(member).to_owned());
    }
    tokens
}

async fn run_get(address: SocketAddr, path: &'static str, tokens: &[String]) -> f64 {
    let end = Instant::now() + ROUND;
    let workers: Vec<_> = tokens
        .iter()
        .cloned()
        .map(|token| {
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await;
                let mut served = 0_u64;
                while Instant::now() < end {
                    let reply = connection.get(path, &token).await;
                    assert_eq!(reply.status, 200, "{}", reply.body);
                    served += 1;
                }
                served
            })
        })
        .collect();
    rate(workers).await
}

/// Each connection follows its own chain of refresh tokens.
async fn run_refresh(address: SocketAddr, chains: &mut [String]) -> f64 {
    let end = Instant::now() + ROUND;
    let workers: Vec<_> = chains
        .iter()
        .cloned()
        .map(|mut token| {
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await;
                let mut served = 0_u64;
                while Instant::now() < end {
                    let body = format!(r#"{{"refresh_token":"{token}"}}"#);
                    let reply = connection.post("/auth/refresh", &body).await;
                    assert_eq!(reply.status, 200, "{}", reply.body);
                    reply.member("refresh_token").clone_into(&mut token);
                    served += 1;
                }
                (served, token)
            })
        })
        .collect();
    let mut total = 0;
    for (worker, chain) in workers.into_iter().zip(chains) {
        let (served, token) = worker.await.unwrap();
        total += served;
        *chain = token;
    }
    total as f64 / ROUND.as_secs_f64()
}

async fn rate(workers: Vec<tokio::task::JoinHandle<u64>>) -> f64 {
    let mut total = 0;
    for worker in workers {
        total += worker.await.unwrap();
    }
    total as f64 / ROUND.as_secs_f64()
}
