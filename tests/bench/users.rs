//! What requests cost with a thousand users and with a million.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection as Database;
use tempfile::TempDir;

use crate::client::Connection;
use crate::median;
use crate::process::Process;

const FEW: usize = 1_000;
const MANY: usize = 1_000_000;
const ROUND: Duration = Duration::from_secs(2);
const ROUNDS: usize = 3;
/// Connections that are busy at the same time.
const CONNECTIONS: usize = 16;
/// Steps from user to user that visit all of them, far apart: no neighbour's page is warm.
const STRIDE: usize = 514_229;

pub(crate) async fn report() {
    let began = Instant::now();
    let (few, many) = (Deployment::prepare(FEW).await, Deployment::prepare(MANY).await);
    let prepared = began.elapsed().as_secs_f64();
    let mut figures: [[Vec<f64>; 2]; 3] = Default::default();
    for round in 0..ROUNDS {
        for (n, deployment) in [&few, &many].into_iter().enumerate() {
            figures[0][n].push(deployment.run(round, login).await);
            figures[1][n].push(deployment.run(round, refresh).await);
            figures[2][n].push(deployment.run(round, me).await);
        }
    }
    println!(
        "\n## Users (each with a session; {CONNECTIONS} connections, cheap argon2, median of {ROUNDS} × {} s; filled in {prepared:.0} s)\n",
        ROUND.as_secs()
    );
    println!("| µs per request | {FEW} users | {MANY} users | ratio |");
    println!("|---|---|---|---|");
    for (what, [few, many]) in
        ["`POST /auth/login`", "`POST /auth/refresh`", "`GET /auth/me`"].into_iter().zip(figures)
    {
        let (few, many) = (1e6 / median(few), 1e6 / median(many));
        println!("| {what} | {few:.0} | {many:.0} | {:.2} |", many / few);
    }
}

/// A server on a data folder with so many users.
struct Deployment {
    users: usize,
    server: Process,
    _data: TempDir,
}

impl Deployment {
    async fn prepare(users: usize) -> Self {
        let data = TempDir::new().unwrap();
        let server = Process::hookgate_on(None, data.path());
        let mut connection = Connection::open(server.address).await;
        let reply = connection.post("/auth/register", &credentials("first@example.com")).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        drop(server);
        fill(&data.path().join("data"), users);
        Self { users, server: Process::hookgate_on(None, data.path()), _data: data }
    }

    /// Requests per second: each connection signs in as one user after the other, or as the first of
    /// them and then again and again what `work` does.
    async fn run<W: Work>(&self, round: usize, work: W) -> f64 {
        let (address, users) = (self.server.address, self.users);
        let workers: Vec<_> = (0..CONNECTIONS)
            .map(|n| {
                let first = round * CONNECTIONS + n;
                tokio::spawn(async move { work.serve(address, users, first).await })
            })
            .collect();
        let mut rate = 0.0;
        for worker in workers {
            rate += worker.await.unwrap();
        }
        rate
    }
}

/// What a connection does for a round; gives its requests per second.
trait Work: Copy + Send + 'static {
    fn serve(self, address: SocketAddr, users: usize, first: usize) -> impl Future<Output = f64> + Send;
}

impl<F, R> Work for F
where
    F: Fn(SocketAddr, usize, usize) -> R + Copy + Send + 'static,
    R: Future<Output = f64> + Send,
{
    fn serve(self, address: SocketAddr, users: usize, first: usize) -> impl Future<Output = f64> + Send {
        self(address, users, first)
    }
}

async fn login(address: SocketAddr, users: usize, first: usize) -> f64 {
    let mut connection = Connection::open(address).await;
    let (began, mut served) = (Instant::now(), 0_usize);
    while began.elapsed() < ROUND {
        // Not twice the same user at once.
        sign_in(&mut connection, email(first + served * 1009, users)).await;
        served += 1;
    }
    served as f64 / began.elapsed().as_secs_f64()
}

async fn refresh(address: SocketAddr, users: usize, first: usize) -> f64 {
    let mut connection = Connection::open(address).await;
    let mut tokens = Vec::new();
    for n in 0..16 {
        let reply = sign_in(&mut connection, email(first + n * 1009, users)).await;
        tokens.push(reply.member("refresh_token").to_owned());
    }
    let (began, mut served) = (Instant::now(), 0_usize);
    while began.elapsed() < ROUND {
        let token = &mut tokens[served % 16];
        let reply = connection.post("/auth/refresh", &format!(r#"{{"refresh_token":"{token}"}}"#)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.member("refresh_token").clone_into(token);
        served += 1;
    }
    served as f64 / began.elapsed().as_secs_f64()
}

async fn me(address: SocketAddr, users: usize, first: usize) -> f64 {
    let mut connection = Connection::open(address).await;
    let mut tokens = Vec::new();
    for n in 0..64 {
        let reply = sign_in(&mut connection, email(first + n * 1009, users)).await;
        tokens.push(reply.member("access_token").to_owned());
    }
    let (began, mut served) = (Instant::now(), 0_usize);
    while began.elapsed() < ROUND {
        let reply = connection.get("/auth/me", &tokens[served % 64]).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        served += 1;
    }
    served as f64 / began.elapsed().as_secs_f64()
}

async fn sign_in(connection: &mut Connection, email: String) -> crate::client::Reply {
    let reply = connection.post("/auth/login", &credentials(&email)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply
}

fn email(n: usize, users: usize) -> String {
    format!("u{:07}@example.com", n.wrapping_mul(STRIDE) % users)
}

fn credentials(email: &str) -> String {
    format!(r#"{{"email":"{email}","password":"correct horse battery"}}"#)
}

/// Copies the user that registered, with session and refresh token, until there are enough. Ids and keys
/// are random, as the server's own: they lie all over their indexes.
fn fill(data: &Path, users: usize) {
    let database = Database::open(database_in(data)).unwrap();
    let indexes = indexes(&database);
    let drop: String = indexes.iter().map(|(name, _)| format!("DROP INDEX {name};")).collect();
    let create: String = indexes.iter().map(|(_, sql)| format!("{sql};")).collect();
    database
        .execute_batch(&format!(
            "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;
             PRAGMA temp_store = MEMORY;
             BEGIN; {drop}
             CREATE TEMP TABLE fresh AS
                 WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {users})
                 SELECT i, 'u' || lower(hex(randomblob(11))) || 'x' AS user_id,
                     's' || lower(hex(randomblob(11))) || 'x' AS session_id, randomblob(32) AS token FROM n;
             INSERT INTO users SELECT fresh.user_id, printf('u%07d@example.com', fresh.i), name, image,
                 password_hash, email_verified, is_active, created_at, updated_at, deleted_at
                 FROM fresh, (SELECT * FROM users WHERE email = 'first@example.com');
             INSERT INTO sessions SELECT fresh.session_id, fresh.user_id, NULL, ip_address, user_agent,
                 payload, created_at, expires_at FROM fresh, (SELECT * FROM sessions LIMIT 1);
             INSERT INTO tokens SELECT fresh.token, kind, fresh.user_id, fresh.session_id, data,
                 created_at, expires_at
                 FROM fresh, (SELECT * FROM tokens WHERE kind LIKE '%refresh%' LIMIT 1) ORDER BY 1;
             {create} COMMIT;
             DROP TABLE fresh;"
        ))
        .unwrap();
    let count = |table: &str| -> usize {
        let text = format!("SELECT count(*) FROM {table}");
        database.query_row(&text, [], |row| row.get::<_, i64>(0)).unwrap().try_into().unwrap()
    };
    assert_eq!([count("users"), count("sessions"), count("tokens")], [users + 1; 3]);
    database.pragma_update(None, "wal_checkpoint", "TRUNCATE").ok();
}

/// Names and definitions of what is made again at the end: sorting once is faster than a million insertions.
fn indexes(database: &Database) -> Vec<(String, String)> {
    let mut statement = database
        .prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
             AND tbl_name IN ('users', 'sessions', 'tokens')",
        )
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn database_in(data: &Path) -> std::path::PathBuf {
    let mut files = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    files.find(|path| path.extension().is_some_and(|end| end == "db")).expect("the server made its database")
}
