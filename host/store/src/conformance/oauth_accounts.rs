//! The promises of `OAuthAccountAdapter`.

use std::sync::Arc;

use hookgate_core::adapters::{Adapters, Change, Conflict, OtherWayIn, StoreError};
use hookgate_core::oauth_account::OAuthAccount;

use super::check::checks;
use super::fixtures::{NOW, RACERS, done, given_user, oauth_account, passkey, race, refused, user};

checks!("oauth_accounts":
    a_link_comes_back_as_it_was,
    a_provider_account_is_linked_once,
    of_racing_links_one_wins,
    a_link_needs_its_user,
    links_are_listed_the_oldest_first,
    a_link_is_deleted,
    all_links_of_a_user_are_deleted,
    the_last_way_in_stays,
    of_racing_unlinks_one_stays,
);

async fn find(adapters: &Adapters, account: &OAuthAccount) -> Option<OAuthAccount> {
    let found = adapters.oauth_accounts.get_oauth_account(&account.provider, &account.provider_account_id);
    done(found, "a link can be looked up").await
}

async fn given(adapters: &Adapters, account: OAuthAccount) -> OAuthAccount {
    done(adapters.oauth_accounts.create_oauth_account(account.clone()), "a new link is stored").await;
    account
}

async fn a_link_comes_back_as_it_was(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let full = given(adapters, oauth_account("full", "google", &ada)).await;
    let bare = OAuthAccount { access_token: None, expires_at: None, ..oauth_account("bare", "github", &ada) };
    let bare = given(adapters, bare).await;
    assert_eq!(find(adapters, &full).await, Some(full), "every field comes back as it was");
    assert_eq!(find(adapters, &bare).await, Some(bare), "also those that are empty");
}

async fn a_provider_account_is_linked_once(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    let first = given(adapters, oauth_account("first", "google", &ada)).await;
    for user in [&ada, &bob] {
        let second = OAuthAccount {
            provider_account_id: first.provider_account_id.clone(),
            ..oauth_account("second", "google", user)
        };
        refused(
            adapters.oauth_accounts.create_oauth_account(second),
            Conflict::OAuthAccountTaken,
            "a provider account belongs to one user",
        )
        .await;
    }
    assert_eq!(find(adapters, &first).await, Some(first.clone()), "the first link stays as it was");
    let elsewhere = OAuthAccount {
        provider_account_id: first.provider_account_id,
        ..oauth_account("elsewhere", "github", &bob)
    };
    given(adapters, elsewhere).await;
}

async fn of_racing_links_one_wins(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let answers = race(|number| {
        let accounts = adapters.oauth_accounts.clone();
        let account = OAuthAccount {
            provider_account_id: "42".to_owned(),
            ..oauth_account(&format!("link-{number}"), "google", &ada)
        };
        async move { accounts.create_oauth_account(account).await }
    })
    .await;
    let winners = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(winners, 1, "exactly one of the racing links wins");
}

async fn a_link_needs_its_user(adapters: &Adapters) {
    let orphan = oauth_account("orphan", "google", &user("nobody"));
    refused(
        adapters.oauth_accounts.create_oauth_account(orphan.clone()),
        Conflict::UserMissing,
        "no link without its user",
    )
    .await;
    assert_eq!(find(adapters, &orphan).await, None, "a refused link is not stored");
}

async fn links_are_listed_the_oldest_first(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    given(adapters, oauth_account("of bob", "google", &bob)).await;
    for (id, age) in [("middle", 20), ("new", 10), ("old", 30)] {
        given(adapters, OAuthAccount { created_at: NOW.plus(-age), ..oauth_account(id, "google", &ada) })
            .await;
    }
    let listed = done(adapters.oauth_accounts.list_oauth_accounts(&ada.id), "list").await;
    let ids: Vec<&str> = listed.iter().map(|account| account.id.as_str()).collect();
    assert_eq!(ids, ["old", "middle", "new"], "the links of that user, the oldest first");
}

async fn a_link_is_deleted(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let one = given(adapters, oauth_account("one", "google", &ada)).await;
    let two = given(adapters, oauth_account("two", "google", &ada)).await;
    done(adapters.oauth_accounts.delete_oauth_account(&one.id), "delete").await;
    assert_eq!(find(adapters, &one).await, None, "a deleted link is gone");
    assert_eq!(find(adapters, &two).await, Some(two), "the others are not touched");
    done(adapters.oauth_accounts.delete_oauth_account("nothing"), "deleting nothing is fine").await;
    given(adapters, one).await;
}

async fn all_links_of_a_user_are_deleted(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    for (id, provider) in [("one", "google"), ("two", "github")] {
        given(adapters, oauth_account(id, provider, &ada)).await;
    }
    let of_bob = given(adapters, oauth_account("of bob", "google", &bob)).await;
    done(adapters.oauth_accounts.delete_user_oauth_accounts(&ada.id), "delete").await;
    let left = done(adapters.oauth_accounts.list_oauth_accounts(&ada.id), "list").await;
    assert_eq!(left, [], "the user has no link any more");
    assert_eq!(find(adapters, &of_bob).await, Some(of_bob), "the links of others are not touched");
    done(adapters.oauth_accounts.delete_user_oauth_accounts(&ada.id), "deleting nothing is fine").await;
}

/// Removes a link where these providers are configured, and nothing else lets anybody in.
fn unlink(account: &OAuthAccount, providers: &[&str]) -> Vec<Change> {
    let asked = OtherWayIn {
        user: account.user_id.clone(),
        besides: account.id.clone(),
        passwords: false,
        passkeys: false,
        providers: providers.iter().map(|&provider| provider.to_owned()).collect(),
    };
    vec![Change::RequireOtherWayIn(asked), Change::DeleteOAuthAccount(account.id.clone())]
}

async fn the_last_way_in_stays(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    let link = given(adapters, oauth_account("one", "google", &ada)).await;
    given(adapters, oauth_account("retired", "gitlab", &ada)).await;
    given(adapters, oauth_account("of bob", "google", &bob)).await;
    done(adapters.passkeys.create_passkey(passkey("of bob", &bob)), "a passkey").await;
    let transactions = &adapters.transactions;
    let ask = |passwords, passkeys| {
        let mut changes = unlink(&link, &["google"]);
        changes.truncate(1);
        let Some(Change::RequireOtherWayIn(asked)) = changes.first_mut() else { unreachable!() };
        (asked.passwords, asked.passkeys) = (passwords, passkeys);
        changes
    };
    for changes in [unlink(&link, &["google"]), ask(true, true)] {
        refused(transactions.commit(changes), Conflict::LastWayIn, "nothing else lets her in").await;
    }
    assert_eq!(find(adapters, &link).await.as_ref(), Some(&link), "a refused link stays");

    done(transactions.commit(unlink(&link, &["google", "gitlab"])), "another link does").await;
    given(adapters, link.clone()).await;
    done(adapters.passkeys.create_passkey(passkey("hers", &ada)), "a passkey").await;
    done(transactions.commit(ask(false, true)), "a passkey does").await;
    refused(transactions.commit(ask(true, false)), Conflict::LastWayIn, "where it lets people in").await;
    let hash = Some("$argon2id$".to_owned());
    done(adapters.users.set_hashed_password(&ada.id, hash, NOW), "a password").await;
    done(transactions.commit(ask(true, false)), "a password does").await;
    refused(transactions.commit(ask(false, false)), Conflict::LastWayIn, "where it lets people in").await;
}

async fn of_racing_unlinks_one_stays(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let mut links = Vec::new();
    for index in 0..RACERS {
        links.push(given(adapters, oauth_account(&format!("link {index}"), "google", &ada)).await);
    }
    let answers = race(|index| {
        let transactions = Arc::clone(&adapters.transactions);
        let changes = unlink(&links[index], &["google"]);
        async move { transactions.commit(changes).await }
    })
    .await;
    let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
    let conflicts: Vec<_> = refused.iter().map(StoreError::conflict).collect();
    assert_eq!(conflicts, [Some(Conflict::LastWayIn)], "all go but one");
    let left = done(adapters.oauth_accounts.list_oauth_accounts(&ada.id), "list").await;
    assert_eq!(left.len(), 1, "somebody who removes all links at once keeps one");
}
