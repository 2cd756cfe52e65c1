//! One file, many writers: group commit, other processes, failures of the whole batch.

use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, Instant};

use hookgate_core::adapters::{Adapters, Conflict, StoreResult};
use hookgate_store::{SqliteConfig, SqliteStore};
use rusqlite::Connection;
use tokio::task::{JoinHandle, JoinSet};

use crate::support::{Place, create, eventually, is_there};

/// Somebody else who is writing to the file, until dropped.
struct OtherWriter(Connection);

impl OtherWriter {
    fn of(place: &Place) -> Self {
        let connection = place.stranger();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        Self(connection)
    }

    fn finish(self) {
        self.0.execute_batch("COMMIT").unwrap();
    }
}

/// Starts a write. It is queued when this returns: that happens at the first poll.
async fn start_write(store: &SqliteStore, id: &str) -> JoinHandle<StoreResult<()>> {
    let (adapters, id) = (store.adapters(), id.to_owned());
    let mut write = Box::pin(async move { create(&adapters, &id).await });
    let first = poll_fn(|context| Poll::Ready(write.as_mut().poll(context))).await;
    assert!(first.is_pending(), "it can't have been answered yet");
    tokio::spawn(write)
}

/// Starts a write and waits until the writer has taken it and stands before a locked file.
async fn stuck_write(store: &SqliteStore) -> JoinHandle<StoreResult<()>> {
    let write = start_write(store, "stuck").await;
    eventually("the writer took the job", || store.stats().queued_writes == 0).await;
    write
}

/// Starts writes of users, which stay queued behind the stuck one.
async fn queued_writes(store: &SqliteStore, ids: &[&str]) -> Vec<JoinHandle<StoreResult<()>>> {
    let mut writes = Vec::new();
    for id in ids {
        writes.push(start_write(store, id).await);
    }
    assert_eq!(store.stats().queued_writes, ids.len());
    writes
}

async fn all_there(adapters: &Adapters, ids: &[&str]) -> bool {
    for id in ids {
        if !is_there(adapters, id).await {
            return false;
        }
    }
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_written_in_one_transaction() {
    let place = Place::new();
    let store = place.open();
    let other = OtherWriter::of(&place);
    let first = stuck_write(&store).await;
    let ids: Vec<String> = (0..100).map(|number| format!("user-{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let writes = queued_writes(&store, &ids).await;
    assert!(!first.is_finished(), "nothing is answered before it is written");

    other.finish();
    first.await.unwrap().unwrap();
    for write in writes {
        write.await.unwrap().unwrap();
    }
    let stats = store.stats();
    assert_eq!((stats.writes, stats.transactions), (101, 2), "the first one, then a hundred together");
    assert!(all_there(&store.adapters(), &ids).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_in_a_batch_is_one_jobs_own() {
    let place = Place::new();
    let store = place.open();
    let other = OtherWriter::of(&place);
    let first = stuck_write(&store).await;
    let writes = queued_writes(&store, &["ada", "ada", "bob"]).await;
    other.finish();

    first.await.unwrap().unwrap();
    let mut answers = Vec::new();
    for write in writes {
        answers.push(write.await.unwrap().map_err(|error| error.conflict()));
    }
    assert_eq!(answers, [Ok(()), Err(Some(Conflict::EmailTaken)), Ok(())]);
    assert_eq!(store.stats().transactions, 2, "all three in one transaction");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_transaction_fails_all_its_jobs_and_no_others() {
    let place = Place::new();
    let store = place.open();
    let adapters = store.adapters();
    // Stands for a full disk: SQLite then undoes the transaction by itself.
    place
        .stranger()
        .execute_batch(
            "CREATE TRIGGER disk_full BEFORE INSERT ON users WHEN new.id = 'boom'
             BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END",
        )
        .unwrap();

    let other = OtherWriter::of(&place);
    let first = stuck_write(&store).await;
    let writes = queued_writes(&store, &["ada", "boom", "bob"]).await;
    other.finish();
    first.await.unwrap().expect("the transaction before is not concerned");
    for write in writes {
        let error = write.await.unwrap().expect_err("nothing of the batch is on disk");
        assert_eq!(error.conflict(), None, "{error:?}");
    }
    for id in ["ada", "boom", "bob"] {
        assert!(!is_there(&adapters, id).await, "{id} was not written");
    }

    let alone = create(&adapters, "boom").await.expect_err("alone it fails as well");
    assert!(alone.to_string().contains("disk full"), "{alone}");
    create(&adapters, "bob").await.expect("the next transaction goes well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_stays_locked_is_unavailable() {
    let place = Place::new();
    let store = SqliteStore::open(SqliteConfig { busy_timeout: Duration::from_millis(50), ..place.config() });
    let store = store.unwrap();
    let adapters = store.adapters();
    let other = OtherWriter::of(&place);
    let error = create(&adapters, "ada").await.expect_err("the file is locked");
    assert_eq!(error.conflict(), None, "{error:?}");
    assert!(!is_there(&adapters, "ada").await, "reads go on meanwhile");
    other.finish();
    create(&adapters, "ada").await.expect("afterwards it works again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_answers_at_once() {
    let place = Place::new();
    let store = SqliteStore::open(SqliteConfig { queue_capacity: 2, ..place.config() }).unwrap();
    let other = OtherWriter::of(&place);
    let first = stuck_write(&store).await;
    let writes = queued_writes(&store, &["ada", "bob"]).await;

    let start = Instant::now();
    let error = create(&store.adapters(), "one too many").await.expect_err("the queue is full");
    assert!(error.to_string().contains("too many writes are waiting"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(1), "and says so at once");

    other.finish();
    for write in std::iter::once(first).chain(writes) {
        write.await.unwrap().expect("what was queued is written");
    }
    assert!(!is_there(&store.adapters(), "one too many").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_queued_is_written_even_if_everybody_leaves() {
    let place = Place::new();
    let store = place.open();
    let other = OtherWriter::of(&place);
    let first = stuck_write(&store).await;
    let writes = queued_writes(&store, &["ada", "bob"]).await;
    for write in std::iter::once(first).chain(writes) {
        write.abort();
        write.await.expect_err("the caller has gone");
    }
    other.finish();
    drop(store);

    let adapters = place.open().adapters();
    assert!(all_there(&adapters, &["stuck", "ada", "bob"]).await, "the last drop waits for the queue");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn adapters_work_without_their_store() {
    let place = Place::new();
    let adapters = place.open().adapters();
    create(&adapters, "ada").await.unwrap();
    assert!(is_there(&adapters, "ada").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_stores_share_a_file() {
    let place = Place::new();
    let stores = [place.open(), place.open()];
    let mut writes = JoinSet::new();
    for task in 0..8 {
        let adapters = stores[task % 2].adapters();
        let neighbours = stores[(task + 1) % 2].adapters();
        writes.spawn(async move {
            for number in 0..25 {
                let id = format!("user-{task}-{number}");
                create(&adapters, &id).await.unwrap();
                assert!(is_there(&neighbours, &id).await, "the other one sees it at once");
                let conflict = create(&neighbours, &id).await.expect_err("it exists").conflict();
                assert_eq!(conflict, Some(Conflict::EmailTaken), "and its rules span both");
            }
        });
    }
    writes.join_all().await;
    let users = stores[0].adapters().users.list_users(None, usize::MAX).await.unwrap();
    assert_eq!(users.len(), 200);
}
