//! Password hashing on threads of its own.
//!
//! A hash takes tens of milliseconds of a core. On the async workers it would hold up everybody else;
//! in an unbounded pool a flood of sign-ins would take all memory. So: a few threads, a bounded queue,
//! and "busy" when it is full.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use super::cost::{Argon2Settings, HasherError};
use super::phc::{self, Scratch};

type Job = Box<dyn FnOnce(&mut Scratch) + Send>;

/// Hashes and verifies passwords. Cheap to clone; the threads end with the last clone.
#[derive(Clone)]
pub struct PasswordHasher {
    settings: Argon2Settings,
    jobs: Sender<Job>,
    /// Verified when there is no user, so that an unknown address takes as long as a known one.
    decoy: Arc<str>,
    /// How many were hashed or verified.
    done: Arc<AtomicU64>,
}

/// How long a thread keeps its scratch memory while nobody signs in.
const IDLE: Duration = Duration::from_secs(2);

/// How far hashing gives way: a tenth of a processor is left to it where requests want all of it.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

impl PasswordHasher {
    /// Starts `threads` threads with room for `queue` waiting passwords.
    ///
    /// # Errors
    /// The parameters are out of range, or a thread could not be started.
    pub fn start(settings: Argon2Settings, threads: usize, queue: usize) -> Result<Self, HasherError> {
        let decoy = phc::hash(settings, "decoy", &mut Scratch::default())?.into();
        let (jobs, waiting) = bounded::<Job>(queue);
        for number in 0..threads.max(1) {
            let waiting = waiting.clone();
            thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || {
                    give_way();
                    work(&waiting);
                })
                .map_err(|error| HasherError::Failed(format!("no hashing thread: {error}")))?;
        }
        Ok(Self { settings, jobs, decoy, done: Arc::default() })
    }

    /// How many passwords were hashed or verified so far, decoys included.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// The PHC string of a new password.
    ///
    /// # Errors
    /// [`HasherError::Busy`] if the queue is full.
    pub async fn hash(&self, password: String) -> Result<String, HasherError> {
        let settings = self.settings;
        self.run(move |scratch| phc::hash(settings, &password, scratch)).await
    }

    /// Whether a password belongs to a stored hash. Without a hash the answer is no, after as much
    /// work as for a wrong password.
    ///
    /// # Errors
    /// [`HasherError::Busy`] if the queue is full; the stored hash can't be read.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, HasherError> {
        let decoy = Arc::clone(&self.decoy);
        self.run(move |scratch| match stored {
            Some(stored) => phc::verify(&stored, &password, scratch),
            None => phc::verify(&decoy, &password, scratch).map(|_| false),
        })
        .await
    }

    /// Whether a stored hash should be made anew with the parameters in force.
    #[must_use]
    pub fn is_outdated(&self, stored: &str) -> bool {
        phc::is_outdated(self.settings, stored)
    }

    /// How many passwords wait for a thread.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.jobs.len()
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Scratch) -> Result<T, HasherError> + Send + 'static,
    ) -> Result<T, HasherError> {
        let (answer, answered) = oneshot::channel();
        let done = Arc::clone(&self.done);
        let job: Job = Box::new(move |scratch| {
            // A caller that has gone away (client hung up) needs no answer, nor the work.
            if !answer.is_closed() {
                done.fetch_add(1, Ordering::Relaxed);
                // A panic must not cost the thread: the next password still wants to be hashed.
                let result = catch_unwind(AssertUnwindSafe(|| job(scratch)))
                    .unwrap_or_else(|_| Err(HasherError::Failed("password hashing panicked".to_owned())));
                let _ = answer.send(result);
            }
        });
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => HasherError::Busy,
            TrySendError::Disconnected(_) => HasherError::Failed("hashing threads are gone".to_owned()),
        })?;
        answered.await.unwrap_or_else(|_| Err(HasherError::Failed("a hashing thread died".to_owned())))
    }
}

/// Makes this thread give way to those that answer requests: hashes fill every processor for as long as
/// somebody sends sign-ins, and all other requests must not stand in that queue.
fn give_way() {
    // On Linux a priority belongs to a thread, and `None` is the one that calls; elsewhere it would be the process.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%error, "password hashing keeps the usual priority");
    }
}

fn work(jobs: &Receiver<Job>) {
    let mut scratch = Scratch::default();
    loop {
        match jobs.recv_timeout(IDLE) {
            Ok(job) => job(&mut scratch),
            Err(RecvTimeoutError::Timeout) => {
                scratch = Scratch::default();
                match jobs.recv() {
                    Ok(job) => job(&mut scratch),
                    Err(_) => return,
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Argon2Settings = Argon2Settings { memory_kib: 64, iterations: 1, parallelism: 1 };

    fn hasher() -> PasswordHasher {
        PasswordHasher::start(CHEAP, 1, 4).expect("starts")
    }

    #[tokio::test]
    async fn a_hash_verifies_its_own_password_only() {
        let hasher = hasher();
        let stored = hasher.hash("correct horse".to_owned()).await.expect("hashed");
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{stored}");
        assert_eq!(hasher.verify("correct horse".to_owned(), Some(stored.clone())).await, Ok(true));
        assert_eq!(hasher.verify("wrong horse".to_owned(), Some(stored)).await, Ok(false));
    }

    #[tokio::test]
    async fn nobody_has_the_decoy_password() {
        assert_eq!(hasher().verify("decoy".to_owned(), None).await, Ok(false));
    }

    /// Written by argon2-cffi, which FastAuth uses, with its default parameters.
    #[tokio::test]
    async fn hashes_of_fastauth_verify_as_they_are() {
        let stored = include_str!("testdata/argon2_cffi.phc").trim().to_owned();
        let hasher = hasher();
        assert_eq!(hasher.verify("correct horse battery".to_owned(), Some(stored.clone())).await, Ok(true));
        assert!(hasher.is_outdated(&stored));
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_and_not_a_match() {
        for stored in ["", "$argon2id$", "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ", "plain"] {
            let result = hasher().verify("x".to_owned(), Some(stored.to_owned())).await;
            assert!(matches!(result, Err(HasherError::Failed(_))), "{stored}: {result:?}");
        }
    }

    #[tokio::test]
    async fn a_full_queue_says_busy() {
        let hasher = PasswordHasher::start(CHEAP, 1, 1).expect("starts");
        let (hold, held) = std::sync::mpsc::channel::<()>();
        let (started, has_started) = std::sync::mpsc::channel::<()>();
        let blocker = {
            let hasher = hasher.clone();
            tokio::spawn(async move {
                hasher
                    .run(move |_| {
                        started.send(()).expect("test waits");
                        held.recv().map_err(|e| HasherError::Failed(e.to_string()))
                    })
                    .await
            })
        };
        tokio::task::spawn_blocking(move || has_started.recv()).await.expect("joins").expect("starts");
        let waiting = {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.hash("fits in the queue".to_owned()).await })
        };
        while hasher.jobs.is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(hasher.hash("one too many".to_owned()).await, Err(HasherError::Busy));
        hold.send(()).expect("worker waits");
        assert_eq!(blocker.await.expect("joins"), Ok(()));
        assert!(waiting.await.expect("joins").is_ok());
    }
}
