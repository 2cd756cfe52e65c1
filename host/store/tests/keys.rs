//! Signing keys that the server keeps, over the real stores and with a clock that tests move.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use hookgate_core::JsonObject;
use hookgate_core::adapters::Adapters;
use hookgate_core::clock::{Clock as _, ManualClock, Timestamp};
use hookgate_core::tokens::{Algorithm, KeeperError, KeyKeeper, KeySchedule, Sealer, TokenSigner};
use hookgate_store::{MemoryStore, SqliteConfig, SqliteStore};
use serde_json::json;

const SCHEDULE: KeySchedule =
    KeySchedule { algorithm: Algorithm::EdDsa, interval: Some(1000), publish_ahead: 100, longest_ttl: 5000 };

struct World {
    adapters: Adapters,
    clock: Arc<ManualClock>,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp(1_000_000)));
        Self { adapters: MemoryStore::new().adapters(), clock }
    }

    fn keeper(&self, secret: &[u8], schedule: KeySchedule) -> KeyKeeper {
        let keys = Arc::clone(&self.adapters.signing_keys);
        KeyKeeper::new(keys, Sealer::new(secret), schedule, self.clock.clone())
    }

    /// A process.
    async fn signer(&self) -> TokenSigner {
        TokenSigner::kept(self.keeper(b"secret", SCHEDULE)).await.unwrap()
    }

    fn sign(&self, signer: &TokenSigner) -> String {
        signer.sign(&claims(), self.clock.now()).unwrap()
    }

    async fn stored(&self) -> usize {
        self.adapters.signing_keys.list_signing_keys().await.unwrap().len()
    }
}

fn claims() -> JsonObject {
    [("sub".to_owned(), json!("u1"))].into_iter().collect()
}

fn header(token: &str) -> &str {
    token.split_once('.').unwrap().0
}

#[tokio::test]
async fn a_key_lives_from_its_publication_to_its_last_token() {
    let world = World::new();
    let signer = world.signer().await;
    let first = world.sign(&signer);
    world.clock.advance(899);
    signer.maintain().await.unwrap();
    assert_eq!(signer.jwks().len(), 1);
    world.clock.advance(1);
    signer.maintain().await.unwrap();
    assert_eq!(signer.jwks().len(), 2, "the next key is published");
    assert_eq!(header(&world.sign(&signer)), header(&first), "and does not sign yet");
    world.clock.advance(100);
    let second = world.sign(&signer);
    assert_ne!(header(&second), header(&first), "it signs without anybody looking at the database");
    // The longest token of the first key ends 5000 s later; no key is due meanwhile.
    let lazy = KeySchedule { interval: None, ..SCHEDULE };
    let keep = TokenSigner::kept(world.keeper(b"secret", lazy)).await.unwrap();
    world.clock.advance(5000);
    keep.maintain().await.unwrap();
    assert_eq!(keep.verify(&first).await.unwrap(), Some(claims()), "until the end");
    world.clock.advance(600);
    keep.maintain().await.unwrap();
    assert_eq!(keep.verify(&first).await.unwrap(), None, "and then no more");
    assert_eq!(keep.verify(&second).await.unwrap(), Some(claims()));
    assert_eq!((world.stored().await, keep.jwks().len()), (1, 1));
}

#[tokio::test]
async fn longer_tokens_keep_their_key_longer() {
    let world = World::new();
    drop(world.signer().await);
    let longer = KeySchedule { longest_ttl: 90_000, ..SCHEDULE };
    let signer = TokenSigner::kept(world.keeper(b"secret", longer)).await.unwrap();
    let token = world.sign(&signer);
    drop(signer);
    // The setting is lowered again, but tokens of the long time are about.
    let signer = world.signer().await;
    for _ in 0..9 {
        world.clock.advance(9_000);
        signer.maintain().await.unwrap();
    }
    assert_eq!(signer.verify(&token).await.unwrap(), Some(claims()));
}

#[tokio::test]
async fn processes_agree_and_learn_of_each_others_keys_at_once() {
    let world = World::new();
    let (one, two) = tokio::join!(world.signer(), world.signer());
    assert_eq!(world.stored().await, 1, "of two that start, one makes the key");
    assert_eq!(header(&world.sign(&one)), header(&world.sign(&two)));

    world.clock.advance(900);
    let (left, right) = tokio::join!(one.maintain(), two.maintain());
    left.unwrap();
    right.unwrap();
    assert_eq!(world.stored().await, 2, "of two that are due, one makes the successor");

    // The operator wants a new key at once; one process knows, the other finds out by the token.
    world.keeper(b"secret", SCHEDULE).rotate(true, false).await.unwrap();
    one.maintain().await.unwrap();
    let token = world.sign(&one);
    assert_ne!(header(&token), header(&world.sign(&two)));
    assert_eq!(two.verify(&token).await.unwrap(), Some(claims()));
    assert_eq!(header(&token), header(&world.sign(&two)), "and signs with it from then on");
}

#[tokio::test]
async fn all_who_meet_a_new_key_together_are_let_in() {
    let world = World::new();
    let (one, two) = (world.signer().await, world.signer().await);
    world.keeper(b"secret", SCHEDULE).rotate(true, false).await.unwrap();
    one.maintain().await.unwrap();
    let token = world.sign(&one);
    let verify = || two.verify(&token);
    let (a, b, c) = tokio::join!(verify(), verify(), verify());
    for found in [a, b, c] {
        assert_eq!(found.unwrap(), Some(claims()));
    }
}

#[tokio::test]
async fn unknown_keys_do_not_make_the_store_busy() {
    let (world, elsewhere) = (World::new(), World::new());
    let signer = world.signer().await;
    let foreign = elsewhere.sign(&elsewhere.signer().await);
    assert_eq!(signer.verify(&foreign).await.unwrap(), None);
    // Within the pause nobody looks, not even for a key that is there by now.
    let keeper = world.keeper(b"secret", SCHEDULE);
    keeper.rotate(true, false).await.unwrap();
    let other = world.signer().await;
    let token = world.sign(&other);
    assert_eq!(signer.verify(&token).await.unwrap(), None);
    world.clock.advance(1);
    assert_eq!(signer.verify(&token).await.unwrap(), Some(claims()));
}

#[tokio::test]
async fn a_key_that_was_sealed_with_another_secret_is_no_key() {
    let world = World::new();
    let signer = world.signer().await;
    let token = world.sign(&signer);
    let changed = TokenSigner::kept(world.keeper(b"another secret", SCHEDULE)).await.unwrap();
    assert_eq!(changed.jwks().len(), 1, "it makes one of its own");
    assert_eq!(changed.verify(&token).await.unwrap(), None);

    // Nor is one that somebody put there who can write the database, but does not know the secret.
    let mut planted = world.adapters.signing_keys.list_signing_keys().await.unwrap();
    let newest = planted[1].kid.clone();
    planted[1].kid = "planted".to_owned();
    assert!(world.adapters.signing_keys.add_signing_key(planted[1].clone(), Some(&newest)).await.unwrap());
    let again = TokenSigner::kept(world.keeper(b"another secret", SCHEDULE)).await.unwrap();
    assert_eq!(again.jwks().len(), 1);
}

#[tokio::test]
async fn only_algorithms_with_key_pairs_have_keys_to_keep() {
    let world = World::new();
    let hmac = KeySchedule { algorithm: Algorithm::Hs256, ..SCHEDULE };
    let error = TokenSigner::kept(world.keeper(b"secret", hmac)).await.unwrap_err();
    assert!(matches!(error, KeeperError::Key(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_processes_on_one_file_make_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(Timestamp(1_000_000)));
    let starts = (0..6).map(|_| {
        let store = SqliteStore::open(SqliteConfig::new(folder.path().join("hookgate.db"))).unwrap();
        let keys = store.adapters().signing_keys;
        let keeper = KeyKeeper::new(keys, Sealer::new(b"secret"), SCHEDULE, clock.clone());
        tokio::spawn(async move { TokenSigner::kept(keeper).await.unwrap() })
    });
    let mut signers = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        signers.push(start.await.unwrap());
    }
    let tokens: Vec<_> = signers.iter().map(|signer| signer.sign(&claims(), clock.now()).unwrap()).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
}
