//! The promises of `UserAdapter`.

use hookgate_core::adapters::{Adapters, Conflict};
use hookgate_core::ids::UserId;
use hookgate_core::token::TokenKind;
use hookgate_core::user::{User, UserPatch};

use super::check::checks;
use super::fixtures::{
    NOW, done, given_session, given_token, given_user, oauth_account, passkey, race, refresh_token, refused,
    role, token, user,
};

checks!("users":
    a_user_is_found_by_id_and_address,
    an_unknown_user_is_none,
    every_field_is_kept,
    credentials_come_with_their_hash,
    an_address_is_taken_once,
    of_racing_creators_one_wins,
    a_patch_changes_what_it_names,
    a_new_address_moves_the_user,
    a_taken_address_is_refused_in_a_patch,
    ones_own_address_is_not_taken,
    a_missing_user_cannot_be_changed,
    a_password_is_set_and_removed,
    a_soft_deletion_keeps_the_address,
    a_hard_deletion_frees_the_address,
    a_hard_deletion_takes_everything_along,
    users_are_listed_by_id_in_pages,
);

async fn find(adapters: &Adapters, id: &str) -> Option<User> {
    done(adapters.users.get_user_by_id(&UserId::from(id)), "a user can be looked up").await
}

async fn a_user_is_found_by_id_and_address(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    given_user(adapters, "bob").await;

    assert_eq!(find(adapters, "ada").await, Some(ada.clone()), "the user of an id is that user");
    let by_email = done(adapters.users.get_user_by_email("ada@example.com"), "lookup by address").await;
    assert_eq!(by_email, Some(ada), "the user of an address is that user");
}

async fn an_unknown_user_is_none(adapters: &Adapters) {
    let id = UserId::from("nobody");
    assert_eq!(find(adapters, "nobody").await, None);
    assert_eq!(done(adapters.users.get_user_by_email("nobody@example.com"), "lookup").await, None);
    assert_eq!(done(adapters.users.get_credentials_by_email("nobody@example.com"), "lookup").await, None);
    assert_eq!(done(adapters.users.get_hashed_password(&id), "lookup").await, None);
}

async fn every_field_is_kept(adapters: &Adapters) {
    let full = User {
        name: Some(String::new()),
        image: Some("https://example.com/a.png".to_owned()),
        email_verified: true,
        is_active: false,
        created_at: NOW.plus(-10),
        updated_at: NOW.plus(-5),
        deleted_at: Some(NOW.plus(-1)),
        ..user("full")
    };
    let bare = User { name: None, ..user("bare") };
    for user in [full, bare] {
        done(adapters.users.create_user(user.clone(), None), "a user is stored").await;
        assert_eq!(find(adapters, user.id.as_str()).await, Some(user), "every field comes back as it was");
    }
}

async fn credentials_come_with_their_hash(adapters: &Adapters) {
    let ada = user("ada");
    done(adapters.users.create_user(ada.clone(), Some("$argon2id$ada".to_owned())), "create").await;
    given_user(adapters, "bob").await;

    let found = done(adapters.users.get_credentials_by_email(&ada.email), "lookup").await;
    let found = found.map(|credentials| (credentials.user, credentials.password_hash));
    assert_eq!(found, Some((ada, Some("$argon2id$ada".to_owned()))), "user and hash in one read");

    let bob = done(adapters.users.get_credentials_by_email("bob@example.com"), "lookup").await;
    assert_eq!(bob.map(|bob| bob.password_hash), Some(None), "a user without a password has no hash");
}

async fn an_address_is_taken_once(adapters: &Adapters) {
    given_user(adapters, "ada").await;
    let second = User { email: "ada@example.com".to_owned(), ..user("second") };
    refused(adapters.users.create_user(second, None), Conflict::EmailTaken, "an address belongs to one user")
        .await;
    assert_eq!(find(adapters, "second").await, None, "a refused user is not stored");
}

async fn of_racing_creators_one_wins(adapters: &Adapters) {
    let answers = race(|number| {
        let users = adapters.users.clone();
        let racer = User { email: "one@example.com".to_owned(), ..user(&format!("racer-{number}")) };
        async move { users.create_user(racer, None).await }
    })
    .await;

    let winners = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(winners, 1, "exactly one of the racing creators of one address wins");
    for answer in answers {
        if let Err(error) = answer {
            assert_eq!(error.conflict(), Some(Conflict::EmailTaken), "the losers hear why, not {error:?}");
        }
    }
    assert_eq!(done(adapters.users.list_users(None, 100), "list").await.len(), 1, "one user is stored");
}

async fn a_patch_changes_what_it_names(adapters: &Adapters) {
    let mut ada = given_user(adapters, "ada").await;
    let later = NOW.plus(60);

    let patch =
        UserPatch { name: Some("Ada L.".to_owned()), email_verified: Some(true), ..UserPatch::default() };
    done(adapters.users.update_user(&ada.id, patch, later), "update").await;
    ada.name = Some("Ada L.".to_owned());
    ada.email_verified = true;
    ada.updated_at = later;
    assert_eq!(find(adapters, "ada").await, Some(ada.clone()), "a patch changes its fields only");

    let patch = UserPatch { image: Some("i".to_owned()), is_active: Some(false), ..UserPatch::default() };
    done(adapters.users.update_user(&ada.id, patch, later), "update").await;
    ada.image = Some("i".to_owned());
    ada.is_active = false;
    assert_eq!(find(adapters, "ada").await, Some(ada.clone()), "a patch changes its fields only");

    let even_later = NOW.plus(120);
    done(adapters.users.update_user(&ada.id, UserPatch::default(), even_later), "update").await;
    ada.updated_at = even_later;
    assert_eq!(find(adapters, "ada").await, Some(ada), "an empty patch touches updated_at alone");
}

async fn a_new_address_moves_the_user(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let patch = UserPatch { email: Some("new@example.com".to_owned()), ..UserPatch::default() };
    done(adapters.users.update_user(&ada.id, patch, NOW), "update").await;

    let old = done(adapters.users.get_user_by_email("ada@example.com"), "lookup").await;
    assert_eq!(old, None, "the old address finds nobody");
    let new = done(adapters.users.get_user_by_email("new@example.com"), "lookup").await;
    assert_eq!(new.map(|user| user.id), Some(ada.id), "the new address finds the user");
    let heir = User { email: "ada@example.com".to_owned(), ..user("heir") };
    done(adapters.users.create_user(heir, None), "the old address is free").await;
}

async fn a_taken_address_is_refused_in_a_patch(adapters: &Adapters) {
    given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    let patch = UserPatch {
        email: Some("ada@example.com".to_owned()),
        name: Some("Ada?".to_owned()),
        ..UserPatch::default()
    };
    refused(
        adapters.users.update_user(&bob.id, patch, NOW.plus(1)),
        Conflict::EmailTaken,
        "an address that somebody has can't be taken over",
    )
    .await;
    assert_eq!(find(adapters, "bob").await, Some(bob), "a refused patch changes nothing");
}

async fn ones_own_address_is_not_taken(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let patch = UserPatch { email: Some(ada.email.clone()), ..UserPatch::default() };
    done(adapters.users.update_user(&ada.id, patch, NOW), "keeping one's address is no conflict").await;
    let found = done(adapters.users.get_user_by_email(&ada.email), "lookup").await;
    assert_eq!(found, Some(ada), "the address still finds the user");
}

async fn a_missing_user_cannot_be_changed(adapters: &Adapters) {
    let id = UserId::from("nobody");
    let users = &adapters.users;
    let missing = Conflict::UserMissing;
    refused(users.update_user(&id, UserPatch::default(), NOW), missing, "update_user").await;
    refused(users.set_hashed_password(&id, None, NOW), missing, "set_hashed_password").await;
    refused(users.delete_user(&id, true, NOW), missing, "a soft delete_user").await;
    refused(users.delete_user(&id, false, NOW), missing, "a hard delete_user").await;
}

async fn a_password_is_set_and_removed(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let later = NOW.plus(60);
    done(adapters.users.set_hashed_password(&ada.id, Some("$new".to_owned()), later), "set").await;
    let hash = done(adapters.users.get_hashed_password(&ada.id), "lookup").await;
    assert_eq!(hash.as_deref(), Some("$new"), "the hash is the one that was set");
    let updated = find(adapters, "ada").await.map(|user| user.updated_at);
    assert_eq!(updated, Some(later), "a new password touches updated_at");

    done(adapters.users.set_hashed_password(&ada.id, None, later), "remove").await;
    assert_eq!(done(adapters.users.get_hashed_password(&ada.id), "lookup").await, None, "no hash is left");
}

async fn a_soft_deletion_keeps_the_address(adapters: &Adapters) {
    let mut ada = user("ada");
    done(adapters.users.create_user(ada.clone(), Some("$hash".to_owned())), "create").await;
    let later = NOW.plus(60);
    done(adapters.users.delete_user(&ada.id, true, later), "soft deletion").await;

    ada.is_active = false;
    ada.deleted_at = Some(later);
    ada.updated_at = later;
    assert_eq!(find(adapters, "ada").await, Some(ada.clone()), "the row is kept, inactive and marked");
    let by_email = done(adapters.users.get_user_by_email(&ada.email), "lookup").await;
    assert_eq!(by_email, Some(ada.clone()), "also by its address");
    let heir = User { email: ada.email, ..user("heir") };
    refused(
        adapters.users.create_user(heir, None),
        Conflict::EmailTaken,
        "the address of a softly deleted user stays taken",
    )
    .await;
}

async fn a_hard_deletion_frees_the_address(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    done(adapters.users.delete_user(&ada.id, false, NOW), "hard deletion").await;
    assert_eq!(find(adapters, "ada").await, None, "the row is gone");
    let heir = User { email: ada.email, ..user("heir") };
    done(adapters.users.create_user(heir, None), "the address is free").await;
}

async fn a_hard_deletion_takes_everything_along(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    done(adapters.roles.create_role(role("admin", &["*"])), "role").await;
    for user in [&ada, &bob] {
        let id = user.id.as_str();
        let session = given_session(adapters, &format!("session of {id}"), user).await;
        given_token(adapters, refresh_token(&format!("refresh of {id}"), &session)).await;
        given_token(adapters, token(&format!("reset of {id}"), TokenKind::PasswordReset, user)).await;
        let account = oauth_account(&format!("account of {id}"), "google", user);
        done(adapters.oauth_accounts.create_oauth_account(account), "link").await;
        done(adapters.passkeys.create_passkey(passkey(&format!("passkey of {id}"), user)), "passkey").await;
        done(adapters.roles.assign_role(&user.id, "admin"), "assign").await;
    }

    done(adapters.users.delete_user(&ada.id, false, NOW), "hard deletion").await;

    for (user, count) in [(&ada, 0), (&bob, 1)] {
        let id = &user.id;
        let whose = format!("what is left of {id}");
        let sessions = done(adapters.sessions.list_user_sessions(id, NOW), "list").await;
        assert_eq!(sessions.len(), count, "sessions: {whose}");
        for (secret, kind) in [("refresh", TokenKind::Refresh), ("reset", TokenKind::PasswordReset)] {
            let key = hookgate_core::token::TokenKey::of(&format!("{secret} of {id}"));
            let token = done(adapters.tokens.get_token(&key, kind, NOW), "lookup").await;
            assert_eq!(token.iter().count(), count, "{secret} token: {whose}");
        }
        let accounts = done(adapters.oauth_accounts.list_oauth_accounts(id), "list").await;
        assert_eq!(accounts.len(), count, "OAuth accounts: {whose}");
        let passkeys = done(adapters.passkeys.list_passkeys(id), "list").await;
        assert_eq!(passkeys.len(), count, "passkeys: {whose}");
        let roles = done(adapters.roles.get_user_roles(id), "list").await;
        assert_eq!(roles.len(), count, "roles: {whose}");
    }
}

async fn users_are_listed_by_id_in_pages(adapters: &Adapters) {
    for id in ["c", "a", "e", "B", "d"] {
        given_user(adapters, id).await;
    }
    let mut seen = Vec::new();
    let mut after: Option<UserId> = None;
    loop {
        let page = done(adapters.users.list_users(after.as_ref(), 2), "list").await;
        assert!(page.len() <= 2, "a page holds at most `limit` users");
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        seen.extend(page.into_iter().map(|user| user.id.0));
    }
    assert_eq!(seen, ["B", "a", "c", "d", "e"], "the pages hold every user once, in the order of bytes");
    assert_eq!(done(adapters.users.list_users(None, 0), "list").await, [], "no room, no users");
    assert_eq!(done(adapters.users.list_users(None, usize::MAX), "list").await.len(), 5);
}
