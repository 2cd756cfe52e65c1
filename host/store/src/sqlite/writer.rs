//! The one thread that writes, many jobs to a transaction.
//!
//! The disk takes one sync per transaction, whoever's changes are in it. So what is queued while one
//! transaction is being synced goes into the next one together ("group commit"): nobody waits for a
//! batch to fill, and the busier the server, the larger the batches. Within a batch each job has a
//! savepoint; a conflict undoes its job alone. No job is answered before its transaction is on disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use hookgate_core::adapters::{StoreError, StoreResult};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::apply_error::{Applied, ApplyError};
use super::row::execute;
use super::trouble::{Trouble, is_of_the_disk};

/// How many jobs one transaction takes at most, so that the first one's wait has an end.
const BATCH_LIMIT: usize = 128;

/// The writer. Dropping it ends the thread after what is queued.
pub(super) struct Writer {
    queue: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    counters: Arc<Counters>,
}

/// What the writer has done so far.
#[derive(Default)]
pub(super) struct Counters {
    /// Transactions that were committed.
    pub(super) transactions: AtomicU64,
    /// Jobs in them.
    pub(super) jobs: AtomicU64,
}

/// All jobs of a transaction failed with it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the transaction failed: {0}")]
struct TransactionFailed(Arc<rusqlite::Error>);

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection, queue_capacity: usize) -> std::io::Result<Self> {
        let (queue, jobs) = bounded(queue_capacity.max(1));
        let counters = Arc::new(Counters::default());
        let thread = std::thread::Builder::new().name("sqlite-write".to_owned()).spawn({
            let counters = counters.clone();
            move || serve(&connection, &jobs, &counters)
        })?;
        Ok(Self { queue: Some(queue), thread: Some(thread), counters })
    }

    /// Runs a job in a transaction, as a whole or not at all, and returns when it is durable.
    ///
    /// A job that was queued is done even if the caller goes away: a failed sign-in counts also for a
    /// client who hangs up quickly.
    pub(super) async fn run<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Applied<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(TypedJob { work: Some(work), result: Err(ApplyError::Panicked), reply });
        let queue = self.queue.as_ref().ok_or_else(closed)?;
        queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::unavailable("too many writes are waiting"),
            TrySendError::Disconnected(_) => closed(),
        })?;
        answer.await.map_err(|_| closed())?
    }

    /// How many jobs wait.
    pub(super) fn queued(&self) -> usize {
        self.queue.as_ref().map_or(0, Sender::len)
    }

    /// What was done so far.
    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that writes the database panicked");
        }
    }
}

/// A job of whatever type, in its two acts.
trait Job: Send {
    /// Does it; false if what it did is to be undone.
    fn run(&mut self, connection: &Connection) -> bool;

    /// Whether it was done.
    fn is_done(&self) -> bool;

    /// What the database had against it, if that is why it was not done.
    fn error(&self) -> Option<&rusqlite::Error>;

    /// Tells the caller, once the fate of the transaction is known.
    fn answer(self: Box<Self>, transaction: Result<(), TransactionFailed>);
}

struct TypedJob<T, F> {
    work: Option<F>,
    result: Applied<T>,
    reply: oneshot::Sender<StoreResult<T>>,
}

impl<T, F> Job for TypedJob<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Applied<T> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        if let Some(work) = self.work.take() {
            self.result =
                catch_unwind(AssertUnwindSafe(|| work(connection))).unwrap_or(Err(ApplyError::Panicked));
        }
        self.result.is_ok()
    }

    fn is_done(&self) -> bool {
        self.result.is_ok()
    }

    fn error(&self) -> Option<&rusqlite::Error> {
        match &self.result {
            Err(ApplyError::Sqlite(error)) => Some(error),
            _ => None,
        }
    }

    fn answer(self: Box<Self>, transaction: Result<(), TransactionFailed>) {
        // Also a conflict may be due to a row that the failed transaction did not keep.
        let result = match transaction {
            Ok(()) => self.result.map_err(StoreError::from),
            Err(failed) => Err(StoreError::unavailable(failed)),
        };
        // The caller has gone: nobody to tell.
        drop(self.reply.send(result));
    }
}

fn serve(connection: &Connection, queue: &Receiver<Box<dyn Job>>, counters: &Counters) {
    let mut batch = Vec::with_capacity(BATCH_LIMIT);
    let mut trouble = Trouble::default();
    while let Ok(job) = queue.recv() {
        batch.push(job);
        batch.extend(queue.try_iter().take(BATCH_LIMIT - 1));
        let changes_before = connection.total_changes();
        let outcome = write(connection, &mut batch);
        note(&mut trouble, &batch, &outcome);
        match &outcome {
            Ok(()) => {
                counters.transactions.fetch_add(1, Ordering::Relaxed);
                counters.jobs.fetch_add(batch.len() as u64, Ordering::Relaxed);
                let is_written = batch.iter().any(|job| job.is_done());
                if is_written && connection.total_changes() > changes_before {
                    trouble.is_over();
                }
            }
            Err(_) => {
                if let Err(error) = roll_back(connection) {
                    tracing::error!(%error, "the failed transaction can't be rolled back");
                }
            }
        }
        let outcome = outcome.map_err(|error| TransactionFailed(Arc::new(error)));
        for job in batch.drain(..) {
            job.answer(outcome.clone());
        }
    }
    // Tidy up: the next start finds everything in one file. If it fails, the log still has it all.
    if let Err(error) = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "the log of the database stays for the next start");
    }
}

/// What went wrong, for the log: the disk's errors once, the others each time.
fn note(trouble: &mut Trouble, batch: &[Box<dyn Job>], outcome: &rusqlite::Result<()>) {
    let errors = || outcome.as_ref().err().into_iter().chain(batch.iter().filter_map(|job| job.error()));
    if let Some(error) = errors().find(|error| is_of_the_disk(error)) {
        let failed = if outcome.is_err() { batch.len() } else { errors().count() };
        trouble.goes_on(error, failed);
    } else {
        for error in errors() {
            tracing::error!(%error, "a change can't be written");
        }
    }
}

/// One transaction.
fn write(connection: &Connection, batch: &mut [Box<dyn Job>]) -> rusqlite::Result<()> {
    execute(connection, "BEGIN IMMEDIATE", [])?;
    if let [only] = batch {
        // Nobody else's work is at stake, so the transaction itself is the savepoint.
        if only.run(connection) {
            execute(connection, "COMMIT", [])?;
        } else {
            roll_back(connection)?;
        }
        return Ok(());
    }
    for job in batch {
        execute(connection, "SAVEPOINT job", [])?;
        if !job.run(connection) {
            // Fails if SQLite has undone the whole transaction (a full disk), and so ends the batch.
            execute(connection, "ROLLBACK TO job", [])?;
        }
        execute(connection, "RELEASE job", [])?;
    }
    execute(connection, "COMMIT", []).map(drop)
}

/// Undoes the transaction, unless SQLite has done so already (a full disk).
fn roll_back(connection: &Connection) -> rusqlite::Result<()> {
    if connection.is_autocommit() {
        return Ok(());
    }
    execute(connection, "ROLLBACK", []).map(drop)
}

fn closed() -> StoreError {
    StoreError::unavailable("the database is closed")
}
