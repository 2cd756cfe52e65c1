//! The promises of `Transactions`: as a whole, in order, or not at all.

use hookgate_core::adapters::{Adapters, Announcement, Change, Conflict, LockoutRule};
use hookgate_core::hooks::Hook;
use hookgate_core::ids::SessionId;
use hookgate_core::token::TokenKind;
use hookgate_core::user::{User, UserPatch};

use super::check::checks;
use super::fixtures::{
    NOW, NOW_MS, RACERS, done, event, given_session, given_token, given_user, oauth_account, passkey, race,
    refresh_token, refused, role, session, token, used, user,
};

checks!("transactions":
    no_change_is_no_problem,
    changes_are_made_in_order,
    the_last_conflict_undoes_the_first_change,
    a_conflict_undoes_every_kind_of_change,
    the_first_conflict_is_the_answer,
    what_is_committed_is_seen_by_the_next_read,
    a_conflict_leaves_neighbours_alone,
    racing_transfers_lose_nothing,
);

const RULE: LockoutRule = LockoutRule { max_attempts: 3, lockout_seconds: 300, window_seconds: 900 };

/// A change that conflicts wherever it stands.
fn impossible() -> Change {
    Change::ExtendSession { id: SessionId::from("none"), expires_at: NOW }
}

fn create(user: User) -> Change {
    Change::CreateUser { user, password_hash: None }
}

async fn no_change_is_no_problem(adapters: &Adapters) {
    done(adapters.transactions.commit(Vec::new()), "an empty list").await;
}

async fn changes_are_made_in_order(adapters: &Adapters) {
    let ada = user("ada");
    let session = session("one", &ada);
    let old = refresh_token("old", &session);
    let new = refresh_token("new", &session);
    let changes = vec![
        Change::CreateRole(role("user", &[])),
        create(ada.clone()),
        Change::AssignRole { user: ada.id.clone(), role: "user".to_owned() },
        Change::CreateSession(session.clone()),
        Change::CreateToken(old.clone()),
        Change::ConsumeToken { key: old.key, kind: old.kind, now: NOW },
        Change::CreateToken(new.clone()),
        Change::Enqueue(Announcement {
            event: event(Hook::OnSignup, &ada, NOW_MS),
            plugins: vec!["crm".to_owned()],
        }),
    ];
    done(adapters.transactions.commit(changes), "later changes build on earlier ones").await;

    let found = done(adapters.tokens.get_token(&new.key, new.kind, NOW), "lookup").await;
    assert_eq!(found, Some(new), "the new token is there");
    let found = done(adapters.tokens.get_token(&old.key, old.kind, NOW), "lookup").await;
    assert_eq!(found, None, "the old one came and went");
    assert_eq!(done(adapters.roles.get_user_roles(&ada.id), "list").await.len(), 1, "the role is held");
    assert_eq!(done(adapters.outbox.due_deliveries(NOW_MS, 9), "due").await.len(), 1, "the event waits");
}

async fn the_last_conflict_undoes_the_first_change(adapters: &Adapters) {
    given_user(adapters, "taken").await;
    let ada = user("ada");
    let changes = vec![
        create(ada.clone()),
        Change::CreateSession(session("one", &ada)),
        create(User { email: "taken@example.com".to_owned(), ..user("late") }),
    ];
    refused(adapters.transactions.commit(changes), Conflict::EmailTaken, "the last change conflicts").await;
    let found = done(adapters.users.get_user_by_id(&ada.id), "lookup").await;
    assert_eq!(found, None, "so the first one was not made");
    let found = done(adapters.users.get_user_by_email(&ada.email), "lookup").await;
    assert_eq!(found, None, "and its address is free");
    done(adapters.users.create_user(ada, None), "as it shows").await;
}

async fn a_conflict_undoes_every_kind_of_change(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    let one = given_session(adapters, "one", &ada).await;
    let two = given_session(adapters, "two", &ada).await;
    let of_one = given_token(adapters, refresh_token("of one", &one)).await;
    let reset = given_token(adapters, token("reset", TokenKind::PasswordReset, &ada)).await;
    let account = oauth_account("account", "google", &ada);
    done(adapters.oauth_accounts.create_oauth_account(account.clone()), "link").await;
    let key = passkey("key", &ada);
    done(adapters.passkeys.create_passkey(key.clone()), "passkey").await;
    let editor = role("editor", &["read"]);
    done(adapters.roles.create_role(editor.clone()), "role").await;
    done(adapters.roles.assign_role(&ada.id, "editor"), "assign").await;
    let keys = vec!["ada".to_owned()];
    done(adapters.login_attempts.record_failure(&keys, RULE, NOW), "fail").await;

    let permissions = role("", &["write"]).permissions;
    let name = "editor".to_owned();
    let patch =
        UserPatch { email: Some("x@example.com".to_owned()), is_active: Some(false), ..UserPatch::default() };
    let every_kind = vec![
        create(user("cyd")),
        Change::UpdateUser { id: bob.id.clone(), patch, now: NOW.plus(1) },
        Change::SetPassword { id: bob.id.clone(), hash: Some("$x".to_owned()), now: NOW.plus(1) },
        Change::DeleteUser { id: bob.id.clone(), soft: true, now: NOW.plus(1) },
        Change::CreateToken(token("new", TokenKind::MagicLink, &ada)),
        Change::ConsumeToken { key: of_one.key, kind: of_one.kind, now: NOW },
        Change::DeleteToken(reset.key),
        Change::DeleteUserTokens { user: ada.id.clone(), kind: None },
        Change::CreateSession(session("three", &ada)),
        Change::ExtendSession { id: two.id.clone(), expires_at: NOW.plus(1) },
        Change::DeleteSession(one.id.clone()),
        Change::DeleteUserSessions(ada.id.clone()),
        Change::CreateOAuthAccount(oauth_account("new", "google", &ada)),
        Change::DeleteOAuthAccount(account.id.clone()),
        Change::CreateRole(role("new", &["x"])),
        Change::AddPermissions { role: name.clone(), permissions: permissions.clone() },
        Change::RemovePermissions { role: name.clone(), permissions: editor.permissions.clone() },
        Change::AssignRole { user: bob.id.clone(), role: name.clone() },
        Change::RevokeRole { user: ada.id.clone(), role: name.clone() },
        Change::DeleteRole(name),
        Change::CreatePasskey(passkey("new", &ada)),
        Change::UpdatePasskey { id: key.id.clone(), used: used(99), now: NOW },
        Change::DeletePasskey(key.id.clone()),
        Change::RecordLoginFailure { keys: keys.clone(), rule: RULE, now: NOW, on_lock: None },
        Change::ClearLoginAttempts(keys.clone()),
        Change::Enqueue(Announcement {
            event: event(Hook::OnSignin, &ada, NOW_MS),
            plugins: vec!["crm".to_owned()],
        }),
        Change::Post { user: ada.id.clone(), letter: "sealed".to_owned(), now_ms: NOW_MS },
        Change::DeleteUser { id: ada.id.clone(), soft: false, now: NOW },
    ];
    let changes = every_kind.into_iter().chain([impossible()]).collect();
    refused(adapters.transactions.commit(changes), Conflict::SessionMissing, "the last conflicts").await;

    let users = done(adapters.users.list_users(None, 9), "list").await;
    assert_eq!(users, [ada.clone(), bob.clone()], "users are as they were");
    assert_eq!(done(adapters.users.get_hashed_password(&bob.id), "lookup").await, None, "passwords too");
    let found = done(adapters.users.get_user_by_email(&bob.email), "lookup").await;
    assert_eq!(found.as_ref(), Some(&bob), "addresses too");
    for expected in [&of_one, &reset] {
        let found = done(adapters.tokens.get_token(&expected.key, expected.kind, NOW), "lookup").await;
        assert_eq!(found.as_ref(), Some(expected), "tokens too");
    }
    let new = token("new", TokenKind::MagicLink, &ada);
    let found = done(adapters.tokens.get_token(&new.key, new.kind, NOW), "lookup").await;
    assert_eq!(found, None, "no new token");
    let sessions = done(adapters.sessions.list_user_sessions(&ada.id, NOW), "list").await;
    assert_eq!(sessions, [one.clone(), two], "sessions too");
    if let Some(key) = &one.key {
        let found = done(adapters.sessions.get_session_by_key(key, NOW), "lookup").await;
        assert_eq!(found, Some((one, ada.clone())), "their keys too");
    }
    let accounts = done(adapters.oauth_accounts.list_oauth_accounts(&ada.id), "list").await;
    assert_eq!(accounts, [account], "OAuth accounts too");
    let held = done(adapters.roles.get_user_roles(&ada.id), "list").await;
    assert_eq!(done(adapters.roles.list_roles(), "list").await, [editor], "roles too");
    assert_eq!(held.len(), 1, "and who holds them");
    assert_eq!(done(adapters.roles.get_user_roles(&bob.id), "list").await, [], "and who does not");
    let passkeys = done(adapters.passkeys.list_passkeys(&ada.id), "list").await;
    assert_eq!(passkeys, [key], "passkeys too");
    let attempts = done(adapters.login_attempts.get_attempts(&keys, NOW), "lookup").await;
    assert_eq!(attempts.failures, 1, "login attempts too");
    let due = done(adapters.outbox.due_deliveries(i64::MAX, 9), "due").await;
    assert_eq!(due, [], "no event and no letter of what did not happen");
}

async fn the_first_conflict_is_the_answer(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let spent = token("spent", TokenKind::Refresh, &ada);
    let spent = Change::ConsumeToken { key: spent.key, kind: spent.kind, now: NOW };
    let twin = create(User { id: "twin".into(), ..ada });
    refused(
        adapters.transactions.commit(vec![spent.clone(), twin.clone(), impossible()]),
        Conflict::TokenSpent,
        "the first of three",
    )
    .await;
    refused(
        adapters.transactions.commit(vec![twin, impossible(), spent]),
        Conflict::EmailTaken,
        "in another order another one",
    )
    .await;
}

async fn what_is_committed_is_seen_by_the_next_read(adapters: &Adapters) {
    for number in 0..100 {
        let id = format!("user-{number}");
        given_user(adapters, &id).await;
        let found = done(adapters.users.get_user_by_id(&id.as_str().into()), "lookup").await;
        assert!(found.is_some(), "read number {number} sees the write before it");
    }
}

async fn a_conflict_leaves_neighbours_alone(adapters: &Adapters) {
    let answers = race(|number| {
        let transactions = adapters.transactions.clone();
        let mut changes = vec![create(user(&format!("user-{number}")))];
        if number % 2 == 1 {
            changes.push(impossible());
        }
        async move { transactions.commit(changes).await.map(|()| number) }
    })
    .await;
    let mut made: Vec<usize> = answers.into_iter().filter_map(Result::ok).collect();
    made.sort_unstable();
    let even: Vec<usize> = (0..RACERS).step_by(2).collect();
    assert_eq!(made, even, "those without a conflict succeed, whoever fails beside them");
    let stored = done(adapters.users.list_users(None, 100), "list").await;
    assert_eq!(stored.len(), even.len(), "and exactly theirs is stored");
}

async fn racing_transfers_lose_nothing(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let session = given_session(adapters, "one", &ada).await;
    let first = given_token(adapters, refresh_token("0", &session)).await;
    // Each winner's new token is what the next round is about: a chain of rotations under fire.
    let mut current = first;
    for round in 1..=10 {
        let answers = race(|racer| {
            let transactions = adapters.transactions.clone();
            let new = refresh_token(&format!("{round}-{racer}"), &session);
            let changes = vec![
                Change::ConsumeToken { key: current.key, kind: current.kind, now: NOW },
                Change::CreateToken(new.clone()),
            ];
            async move { transactions.commit(changes).await.map(|()| new) }
        })
        .await;
        let mut winners: Vec<_> = answers.into_iter().filter_map(Result::ok).collect();
        assert_eq!(winners.len(), 1, "one winner in round {round}");
        current = winners.remove(0);
        let found = done(adapters.tokens.get_token(&current.key, current.kind, NOW), "lookup").await;
        assert_eq!(found.as_ref(), Some(&current), "and its token is the one that counts");
    }
}
