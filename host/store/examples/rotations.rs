//! How many refreshes, and how many reads, a SQLite store does per second on this machine.
//!
//! `cargo run --release -p hookgate-store --example rotations -- [folder] [tasks] [seconds]`

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hookgate_core::JsonObject;
use hookgate_core::adapters::{Adapters, Change, StoreResult};
use hookgate_core::clock::Timestamp;
use hookgate_core::ids::{SessionId, UserId};
use hookgate_core::session::Session;
use hookgate_core::token::{Token, TokenKey, TokenKind};
use hookgate_core::user::User;
use hookgate_store::{SqliteConfig, SqliteStore};
use tokio::task::JoinSet;

const NOW: Timestamp = Timestamp(1_800_000_000);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let tasks: usize = arguments.next().map_or(Ok(64), |text| text.parse())?;
    let seconds: u64 = arguments.next().map_or(Ok(5), |text| text.parse())?;

    let folder = tempfile::Builder::new().prefix("rotations").tempdir_in(folder)?;
    let store = SqliteStore::open(SqliteConfig::new(folder.path().join("hookgate.db")))?;
    let adapters = store.adapters();
    for number in 0..tasks {
        adapters.transactions.commit(given(number)).await?;
    }

    let before = store.stats();
    let rotations = measure(&adapters, tasks, seconds, rotate).await?;
    let after = store.stats();
    let transactions = after.transactions - before.transactions;
    let writes = after.writes - before.writes;
    println!(
        "{rotations:>8.0} rotations/s with {tasks} tasks ({:.1} per transaction, {:.0} transactions/s)",
        ratio(writes, transactions),
        ratio(transactions, seconds),
    );
    let reads = measure(&adapters, tasks, seconds, read).await?;
    println!("{reads:>8.0} reads/s with {tasks} tasks");
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "numbers to look at")]
fn ratio(dividend: u64, divisor: u64) -> f64 {
    dividend as f64 / divisor.max(1) as f64
}

/// Lets every task do the same over and over; says how often per second.
async fn measure<W, F>(adapters: &Adapters, tasks: usize, seconds: u64, work: W) -> StoreResult<f64>
where
    W: Fn(Adapters, usize, u64) -> F + Copy + Send + 'static,
    F: Future<Output = StoreResult<()>> + Send,
{
    let is_over = Arc::new(AtomicBool::new(false));
    let count = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let mut running = JoinSet::new();
    for task in 0..tasks {
        let (adapters, is_over, count) = (adapters.clone(), is_over.clone(), count.clone());
        running.spawn(async move {
            for round in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                work(adapters.clone(), task, round).await?;
                count.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        });
    }
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    is_over.store(true, Ordering::Relaxed);
    let elapsed = start.elapsed();
    running.join_all().await.into_iter().collect::<StoreResult<()>>()?;
    Ok(ratio(count.load(Ordering::Relaxed), 1) / elapsed.as_secs_f64())
}

fn session_id(task: usize) -> SessionId {
    SessionId(format!("session-{task}"))
}

fn key(task: usize, round: u64) -> TokenKey {
    TokenKey::of(&format!("{task}/{round}"))
}

fn token(task: usize, round: u64) -> Token {
    Token {
        key: key(task, round),
        kind: TokenKind::Refresh,
        user_id: UserId(format!("user-{task}")),
        session_id: Some(session_id(task)),
        data: serde_json::Value::Null,
        created_at: NOW,
        expires_at: NOW.plus(2_592_000),
    }
}

fn given(task: usize) -> Vec<Change> {
    let user = User {
        id: UserId(format!("user-{task}")),
        email: format!("user-{task}@example.com"),
        name: Some("A name".to_owned()),
        image: None,
        email_verified: true,
        is_active: true,
        created_at: NOW,
        updated_at: NOW,
        deleted_at: None,
    };
    let session = Session {
        id: session_id(task),
        user_id: user.id.clone(),
        key: None,
        ip_address: Some("192.0.2.1".to_owned()),
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned()),
        payload: JsonObject::new(),
        created_at: NOW,
        expires_at: NOW.plus(2_592_000),
    };
    vec![
        Change::CreateUser { user, password_hash: None },
        Change::CreateSession(session),
        Change::CreateToken(token(task, 0)),
    ]
}

/// What a refresh writes.
async fn rotate(adapters: Adapters, task: usize, round: u64) -> StoreResult<()> {
    let end = NOW.plus(2_592_000).plus(i64::try_from(round).unwrap_or(0) / 100);
    let changes = vec![
        Change::ConsumeToken { key: key(task, round), kind: TokenKind::Refresh, now: NOW },
        Change::CreateToken(token(task, round + 1)),
        Change::ExtendSession { id: session_id(task), expires_at: end },
    ];
    adapters.transactions.commit(changes).await
}

/// What a request with an access token reads.
async fn read(adapters: Adapters, task: usize, _round: u64) -> StoreResult<()> {
    adapters.users.get_user_by_id(&UserId(format!("user-{task}"))).await.map(drop)
}
