//! The promises of `SigningKeyAdapter`.

use hookgate_core::adapters::Adapters;
use hookgate_core::signing_key::SigningKey;
use hookgate_core::tokens::Algorithm;

use super::check::checks;
use super::fixtures::{NOW, done, race_done};

checks!("signing_key":
    keys_come_back_in_the_order_in_which_they_were_added,
    a_key_succeeds_the_newest_and_no_other,
    of_racing_successors_one_wins,
    the_longest_ttl_only_grows,
    a_key_is_deleted,
);

fn key(kid: &str) -> SigningKey {
    SigningKey {
        kid: kid.to_owned(),
        algorithm: Algorithm::Es256,
        sealed: format!("sealed {kid}"),
        created_at: NOW,
        signs_from: NOW.plus(60),
        longest_ttl: 100,
    }
}

async fn add(adapters: &Adapters, key: SigningKey, newest: Option<&str>) -> bool {
    done(adapters.signing_keys.add_signing_key(key, newest), "a key is added").await
}

async fn list(adapters: &Adapters) -> Vec<SigningKey> {
    done(adapters.signing_keys.list_signing_keys(), "keys are listed").await
}

async fn kids(adapters: &Adapters) -> Vec<String> {
    list(adapters).await.into_iter().map(|key| key.kid).collect()
}

async fn keys_come_back_in_the_order_in_which_they_were_added(adapters: &Adapters) {
    assert_eq!(list(adapters).await, [], "a new store has no keys");
    let mut keys = Vec::new();
    for (kid, algorithm) in
        ["z", "a", "m"].into_iter().zip([Algorithm::Rs512, Algorithm::EdDsa, Algorithm::Es256])
    {
        // Later ones may sign earlier: their moment is not their place.
        let signs_from = NOW.plus(-i64::from(kid.as_bytes()[0]));
        let newest = keys.last().map(|key: &SigningKey| key.kid.clone());
        keys.push(SigningKey { algorithm, signs_from, ..key(kid) });
        assert!(add(adapters, keys[keys.len() - 1].clone(), newest.as_deref()).await, "the newest is known");
    }
    assert_eq!(list(adapters).await, keys, "every field comes back, in the order of addition");
}

async fn a_key_succeeds_the_newest_and_no_other(adapters: &Adapters) {
    assert!(!add(adapters, key("a"), Some("none")).await, "there is no such key to succeed");
    assert!(add(adapters, key("a"), None).await, "the first succeeds nobody");
    assert!(!add(adapters, key("b"), None).await, "there is a key, and the caller does not know");
    assert!(add(adapters, key("b"), Some("a")).await, "the newest is succeeded");
    assert!(!add(adapters, key("c"), Some("a")).await, "the newest is another one now");
    assert_eq!(kids(adapters).await, ["a", "b"], "what was refused was not added");
}

async fn of_racing_successors_one_wins(adapters: &Adapters) {
    assert!(add(adapters, key("first"), None).await, "the first is added");
    let call = |number| {
        let signing_keys = adapters.signing_keys.clone();
        let key = key(&format!("key-{number}"));
        async move { signing_keys.add_signing_key(key, Some("first")).await }
    };
    let mut added = race_done(call, "adding never fails, it loses").await;
    added.retain(|is_added| *is_added);
    assert_eq!(added.len(), 1, "exactly one of the racing callers adds its key");
    assert_eq!(kids(adapters).await.len(), 2, "and only its key is there");
}

async fn the_longest_ttl_only_grows(adapters: &Adapters) {
    assert!(add(adapters, key("a"), None).await, "a key is added");
    for (ttl, expected) in [(50, 100), (150, 150), (120, 150)] {
        done(adapters.signing_keys.raise_longest_ttl("a", ttl), "raising").await;
        assert_eq!(list(adapters).await[0].longest_ttl, expected, "after {ttl}");
    }
    done(adapters.signing_keys.raise_longest_ttl("none", 1), "raising nothing is fine").await;
}

async fn a_key_is_deleted(adapters: &Adapters) {
    assert!(add(adapters, key("a"), None).await, "a key is added");
    assert!(add(adapters, key("b"), Some("a")).await, "another one too");
    done(adapters.signing_keys.delete_signing_key("a"), "delete").await;
    assert_eq!(kids(adapters).await, ["b"], "the other stays");
    done(adapters.signing_keys.delete_signing_key("a"), "deleting nothing is fine").await;
    done(adapters.signing_keys.delete_signing_key("b"), "delete").await;
    assert!(add(adapters, key("c"), None).await, "after the last, there is none to succeed");
}
