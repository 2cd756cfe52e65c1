//! The threads that read, each with a connection of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use hookgate_core::adapters::{StoreError, StoreResult};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::apply_error::ApplyError;

type ReadJob = Box<dyn FnOnce(&Connection) + Send>;

/// The pool. Dropping it ends the threads after what is queued.
pub(super) struct Readers {
    queue: Option<Sender<ReadJob>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts a thread for each connection.
    pub(super) fn start(connections: Vec<Connection>, queue_capacity: usize) -> std::io::Result<Self> {
        let (queue, jobs) = bounded(queue_capacity.max(1));
        let mut readers = Self { queue: Some(queue), threads: Vec::with_capacity(connections.len()) };
        for (number, connection) in connections.into_iter().enumerate() {
            let jobs = jobs.clone();
            readers.threads.push(
                std::thread::Builder::new()
                    .name(format!("sqlite-read-{number}"))
                    .spawn(move || serve(&connection, &jobs))?,
            );
        }
        Ok(readers)
    }

    /// Runs a read on one of the threads.
    pub(super) async fn run<T, F>(&self, read: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move |connection: &Connection| {
            // Whoever has gone needs no answer.
            if reply.is_closed() {
                return;
            }
            let result = catch_unwind(AssertUnwindSafe(|| read(connection)))
                .unwrap_or(Err(rusqlite::Error::UnwindingPanic));
            // Gone since: nobody to tell.
            drop(reply.send(result));
        });
        let queue = self.queue.as_ref().ok_or_else(closed)?;
        queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::unavailable("too many reads are waiting"),
            TrySendError::Disconnected(_) => closed(),
        })?;
        Ok(answer.await.map_err(|_| closed())?.map_err(ApplyError::Sqlite)?)
    }

    /// How many reads wait.
    pub(super) fn queued(&self) -> usize {
        self.queue.as_ref().map_or(0, Sender::len)
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread that reads the database panicked");
            }
        }
    }
}

/// Takes jobs until the pool is dropped. `recv` looks twice before it sleeps, so a busy thread never does.
fn serve(connection: &Connection, jobs: &Receiver<ReadJob>) {
    for job in jobs {
        job(connection);
    }
}

fn closed() -> StoreError {
    StoreError::unavailable("the database is closed")
}
