//! Keeps signing keys in storage: makes them, opens them, replaces them in time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Algorithm, JwtKey, KeyError, KeySchedule, KeySet, KeyStage, PrivateKey, Sealer};
use crate::adapters::{SigningKeyAdapter, StoreError};
use crate::clock::{Clock, Timestamp};
use crate::signing_key::SigningKey;

/// How often somebody else may have been faster.
const ATTEMPTS: usize = 8;

/// The keys can't be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    /// A key can't be made.
    #[error("a signing key can't be made: {0}")]
    Key(#[from] KeyError),
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Other processes made keys all the time.
    #[error("other processes keep changing the signing keys")]
    Contended,
}

/// What keeps keys.
pub struct KeyKeeper {
    adapter: Arc<dyn SigningKeyAdapter>,
    sealer: Sealer,
    schedule: KeySchedule,
    clock: Arc<dyn Clock>,
}

/// A key that could be opened.
struct Opened {
    stored: SigningKey,
    key: Arc<JwtKey>,
}

impl KeyKeeper {
    /// Over these parts. `sealer` is the server's.
    #[must_use]
    pub const fn new(
        adapter: Arc<dyn SigningKeyAdapter>,
        sealer: Sealer,
        schedule: KeySchedule,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { adapter, sealer, schedule, clock }
    }

    /// The time by which everything is judged.
    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// How long a key is published before it signs.
    pub(super) fn publish_ahead(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.schedule.publish_ahead).unwrap_or(0))
    }

    /// The keys as they are stored now. What `known` has opened is not opened again.
    ///
    /// # Errors
    /// The storage failed.
    pub(super) async fn load(&self, known: Option<&KeySet>) -> Result<KeySet, StoreError> {
        let stored = self.adapter.list_signing_keys().await?;
        Ok(self.set_of(&self.open(stored, known)))
    }

    /// Does what is due, and gives the keys as they are then: makes a key if none signs or a successor
    /// is due, removes those that nobody needs any more.
    ///
    /// # Errors
    /// See [`KeeperError`].
    pub(super) async fn maintain(&self, known: Option<&KeySet>) -> Result<KeySet, KeeperError> {
        for _ in 0..ATTEMPTS {
            let stored = self.needed(self.adapter.list_signing_keys().await?).await?;
            let newest = stored.last().map(|key| key.kid.clone());
            let opened = self.open(stored, known);
            let now = self.clock.now();
            let usable: Vec<_> = opened.iter().map(|opened| &opened.stored).collect();
            let Some(signs_from) = self.schedule.due(&usable, now) else {
                self.note_longest_ttl(&usable).await?;
                return Ok(self.set_of(&opened));
            };
            // Whether it was this process or another one: what counts is what is stored now.
            self.add(signs_from, newest.as_deref()).await?;
        }
        Err(KeeperError::Contended)
    }

    /// Makes a key that the operator asks for, and gives its name: to sign at once, or when it was
    /// published long enough. With `alone`, every other key goes, and with them all tokens.
    ///
    /// # Errors
    /// See [`KeeperError`].
    pub async fn rotate(&self, at_once: bool, alone: bool) -> Result<SigningKey, KeeperError> {
        for _ in 0..ATTEMPTS {
            let stored = self.adapter.list_signing_keys().await?;
            let now = self.clock.now();
            let signs_from = if at_once { now } else { now.plus(self.schedule.publish_ahead) };
            let newest = stored.last().map(|key| key.kid.as_str());
            if let Some(key) = self.add(signs_from, newest).await? {
                for old in stored.iter().filter(|_| alone) {
                    self.adapter.delete_signing_key(&old.kid).await?;
                }
                return Ok(key);
            }
        }
        Err(KeeperError::Contended)
    }

    /// Adds a new key, unless another process was faster.
    async fn add(
        &self,
        signs_from: Timestamp,
        newest: Option<&str>,
    ) -> Result<Option<SigningKey>, KeeperError> {
        let private = generate(self.schedule.algorithm).await?;
        let key = SigningKey {
            kid: private.public_key()?.kid(),
            algorithm: self.schedule.algorithm,
            sealed: self.sealer.seal(&private),
            created_at: self.clock.now(),
            signs_from,
            longest_ttl: self.schedule.longest_ttl,
        };
        let is_added = self.adapter.add_signing_key(key.clone(), newest).await?;
        if is_added {
            tracing::info!(kid = key.kid, algorithm = %key.algorithm, "a signing key was made");
        }
        Ok(is_added.then_some(key))
    }

    /// Those of the keys that somebody may still need. The others are removed.
    async fn needed(&self, stored: Vec<SigningKey>) -> Result<Vec<SigningKey>, StoreError> {
        let all: Vec<_> = stored.iter().collect();
        let now = self.clock.now();
        let mut needed = Vec::with_capacity(stored.len());
        for key in &stored {
            if KeySchedule::needed_until(&all, key).is_some_and(|until| until <= now) {
                tracing::info!(kid = key.kid, "a signing key is removed: its last token has expired");
                self.adapter.delete_signing_key(&key.kid).await?;
            } else {
                needed.push(key.clone());
            }
        }
        Ok(needed)
    }

    /// Tokens may live longer than when the key was made: the settings were changed.
    async fn note_longest_ttl(&self, keys: &[&SigningKey]) -> Result<(), StoreError> {
        let now = self.clock.now();
        let ours = keys.iter().filter(|key| key.algorithm == self.schedule.algorithm);
        for key in ours.filter(|key| key.longest_ttl < self.schedule.longest_ttl) {
            if self.schedule.stage(keys, key, now) != KeyStage::Retired {
                self.adapter.raise_longest_ttl(&key.kid, self.schedule.longest_ttl).await?;
            }
        }
        Ok(())
    }

    fn open(&self, stored: Vec<SigningKey>, known: Option<&KeySet>) -> Vec<Opened> {
        let open = |stored: SigningKey| {
            if let Some(key) = known.and_then(|known| known.get(&stored.kid)) {
                return Some(Opened { key: Arc::clone(key), stored });
            }
            let key = self
                .sealer
                .open::<PrivateKey>(&stored.sealed)
                .map_err(|error| error.to_string())
                .and_then(|private| JwtKey::pair(&private).map_err(|error| error.to_string()))
                // The name is the key's own; a row that says otherwise was tampered with.
                .and_then(|key| {
                    match key.kid() == Some(&stored.kid) && key.algorithm() == stored.algorithm {
                        true => Ok(key),
                        false => Err("the row belongs to another key".to_owned()),
                    }
                });
            match key {
                Ok(key) => Some(Opened { key: Arc::new(key), stored }),
                Err(reason) => {
                    tracing::warn!(kid = stored.kid, "a signing key can't be used: {reason}");
                    None
                }
            }
        };
        stored.into_iter().filter_map(open).collect()
    }

    fn set_of(&self, opened: &[Opened]) -> KeySet {
        let keys = opened.iter().map(|opened| (Arc::clone(&opened.key), opened.stored.signs_from));
        KeySet::new(self.schedule.algorithm, keys)
    }
}

/// On a thread of its own: an RSA key takes a while.
async fn generate(algorithm: Algorithm) -> Result<PrivateKey, KeyError> {
    let (reply, answer) = oneshot::channel();
    let work = move || {
        // Nobody waits any more: the key is not needed.
        drop(reply.send(PrivateKey::generate(algorithm)));
    };
    let refused = |reason: String| KeyError::Refused(reason);
    std::thread::Builder::new()
        .name("signing-key".to_owned())
        .spawn(work)
        .map_err(|error| refused(error.to_string()))?;
    answer.await.map_err(|_| refused("the thread that makes it ended".to_owned()))?
}

impl std::fmt::Debug for KeyKeeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyKeeper").field("schedule", &self.schedule).finish_non_exhaustive()
    }
}
