//! The promises of `PasskeyAdapter`.

use hookgate_core::adapters::{Adapters, Conflict};
use hookgate_core::passkey::{Passkey, PasskeyUse};

use super::check::checks;
use super::fixtures::{NOW, done, given_user, passkey, refused, used, user};

checks!("passkeys":
    a_passkey_comes_back_as_it_was,
    a_credential_id_exists_once,
    a_passkey_needs_its_user,
    a_use_is_remembered,
    a_counter_goes_up_or_stays_at_zero,
    what_kind_of_passkey_it_is_is_learnt_once,
    passkeys_are_listed_the_oldest_first,
    a_passkey_is_deleted,
    the_passkeys_of_a_user_are_deleted,
);

async fn find(adapters: &Adapters, id: &str) -> Option<Passkey> {
    done(adapters.passkeys.get_passkey(id), "a passkey can be looked up").await
}

async fn given(adapters: &Adapters, passkey: Passkey) -> Passkey {
    done(adapters.passkeys.create_passkey(passkey.clone()), "a new passkey is stored").await;
    passkey
}

async fn a_passkey_comes_back_as_it_was(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let one = given(adapters, passkey("one", &ada)).await;
    let two = Passkey {
        public_key: (0..=255).collect(),
        sign_count: u32::MAX,
        backup_eligible: Some(false),
        last_used_at: Some(NOW.plus(-5)),
        ..passkey("two", &ada)
    };
    let two = given(adapters, two).await;
    assert_eq!(find(adapters, "one").await, Some(one), "every field comes back as it was");
    assert_eq!(find(adapters, "two").await, Some(two), "up to the largest counter");
    assert_eq!(find(adapters, "none").await, None, "an unknown passkey is none");
}

async fn a_credential_id_exists_once(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    let first = given(adapters, passkey("one", &ada)).await;
    for user in [&ada, &bob] {
        refused(
            adapters.passkeys.create_passkey(passkey("one", user)),
            Conflict::PasskeyExists,
            "a credential belongs to one user",
        )
        .await;
    }
    assert_eq!(find(adapters, "one").await, Some(first), "the first one stays as it was");
}

async fn a_passkey_needs_its_user(adapters: &Adapters) {
    refused(
        adapters.passkeys.create_passkey(passkey("orphan", &user("nobody"))),
        Conflict::UserMissing,
        "no passkey without its user",
    )
    .await;
    assert_eq!(find(adapters, "orphan").await, None, "a refused passkey is not stored");
}

async fn a_use_is_remembered(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let one = given(adapters, passkey("one", &ada)).await;
    let two = given(adapters, passkey("two", &ada)).await;
    let later = NOW.plus(60);
    done(adapters.passkeys.update_passkey("one", used(8), later), "update").await;
    let expected = Passkey { sign_count: 8, last_used_at: Some(later), ..one };
    assert_eq!(find(adapters, "one").await, Some(expected), "the counter and the time, nothing else");
    assert_eq!(find(adapters, "two").await, Some(two), "the others are not touched");
    refused(
        adapters.passkeys.update_passkey("none", used(1), NOW),
        Conflict::PasskeyMissing,
        "what is not there can't be used",
    )
    .await;
}

async fn a_counter_goes_up_or_stays_at_zero(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let one = given(adapters, Passkey { sign_count: 0, ..passkey("one", &ada) }).await;
    done(adapters.passkeys.update_passkey("one", used(0), NOW), "not every authenticator counts").await;
    done(adapters.passkeys.update_passkey("one", used(u32::MAX - 1), NOW), "it may leap").await;
    for behind in [u32::MAX - 1, 1, 0] {
        refused(
            adapters.passkeys.update_passkey("one", used(behind), NOW.plus(1)),
            Conflict::PasskeyCounter,
            "it never goes back, nor stands still",
        )
        .await;
    }
    let expected = Passkey { sign_count: u32::MAX - 1, last_used_at: Some(NOW), ..one };
    assert_eq!(find(adapters, "one").await, Some(expected), "a refused use is not remembered");
}

async fn what_kind_of_passkey_it_is_is_learnt_once(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let one = given(adapters, Passkey { backup_eligible: None, ..passkey("one", &ada) }).await;
    assert_eq!(find(adapters, "one").await, Some(one), "unknown is no third kind");
    for (sign_count, backup_eligible) in [(8, false), (9, true)] {
        let used = PasskeyUse { sign_count, backup_eligible };
        done(adapters.passkeys.update_passkey("one", used, NOW), "update").await;
        let found = find(adapters, "one").await.and_then(|passkey| passkey.backup_eligible);
        assert_eq!(found, Some(false), "the first use says it");
    }
}

async fn passkeys_are_listed_the_oldest_first(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    given(adapters, passkey("of bob", &bob)).await;
    for (id, age) in [("middle", 20), ("new", 10), ("old", 30)] {
        given(adapters, Passkey { created_at: NOW.plus(-age), ..passkey(id, &ada) }).await;
    }
    let listed = done(adapters.passkeys.list_passkeys(&ada.id), "list").await;
    let ids: Vec<&str> = listed.iter().map(|passkey| passkey.id.as_str()).collect();
    assert_eq!(ids, ["old", "middle", "new"], "the passkeys of that user, the oldest first");
}

async fn a_passkey_is_deleted(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    given(adapters, passkey("one", &ada)).await;
    let two = given(adapters, passkey("two", &ada)).await;
    done(adapters.passkeys.delete_passkey("one"), "delete").await;
    assert_eq!(find(adapters, "one").await, None, "a deleted passkey is gone");
    assert_eq!(find(adapters, "two").await, Some(two), "the others are not touched");
    done(adapters.passkeys.delete_passkey("none"), "deleting nothing is fine").await;
}

async fn the_passkeys_of_a_user_are_deleted(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    given(adapters, passkey("one", &ada)).await;
    given(adapters, passkey("two", &ada)).await;
    let of_bob = given(adapters, passkey("of bob", &bob)).await;
    done(adapters.passkeys.delete_user_passkeys(&ada.id), "delete").await;
    for id in ["one", "two"] {
        assert_eq!(find(adapters, id).await, None, "all of the user's passkeys are gone");
    }
    assert_eq!(find(adapters, "of bob").await, Some(of_bob), "those of others are not touched");
    done(adapters.passkeys.delete_user_passkeys(&ada.id), "deleting nothing is fine").await;
}
