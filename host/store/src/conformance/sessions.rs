//! The promises of `SessionAdapter`, and of `Change::ExtendSession`.

use hookgate_core::adapters::{Adapters, Change, Conflict};
use hookgate_core::ids::SessionId;
use hookgate_core::session::Session;
use hookgate_core::token::{TokenKey, TokenKind};

use super::check::checks;
use super::fixtures::{
    NOW, done, given_session, given_token, given_user, refresh_token, refused, session, token, user,
};

checks!("sessions":
    a_session_comes_back_as_it_was,
    an_unknown_session_is_none,
    a_session_needs_its_user,
    a_session_is_found_by_its_key_with_its_user,
    an_expired_session_is_invisible,
    sessions_are_listed_the_oldest_first,
    a_session_can_be_extended,
    an_ended_session_stays_ended,
    a_session_takes_its_tokens_along,
    all_sessions_of_a_user_end_at_once,
    expired_sessions_are_cleaned_up,
);

/// Looks a session up both ways, which have to agree.
async fn find(adapters: &Adapters, id: &str) -> Option<Session> {
    let id = SessionId::from(id);
    let found = done(adapters.sessions.get_session(&id, NOW), "a session can be looked up").await;
    let with_user = adapters.sessions.get_session_with_user(&id, NOW);
    let with_user = done(with_user, "a session can be looked up with its user").await;
    let of_user = |found: &Session| (found.clone(), found.user_id.clone());
    let with_user = with_user.map(|(session, user)| (session, user.id));
    assert_eq!(with_user, found.as_ref().map(of_user), "with its user");
    found
}

async fn a_session_comes_back_as_it_was(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let full = given_session(adapters, "full", &ada).await;
    let bare = Session {
        key: None,
        ip_address: None,
        user_agent: None,
        payload: hookgate_core::JsonObject::new(),
        ..session("bare", &ada)
    };
    done(adapters.sessions.create_session(bare.clone()), "create").await;
    let second_bare = Session { id: SessionId::from("bare 2"), ..bare.clone() };
    done(adapters.sessions.create_session(second_bare), "any number of sessions have no key").await;

    assert_eq!(find(adapters, "full").await, Some(full), "every field comes back as it was");
    assert_eq!(find(adapters, "bare").await, Some(bare), "also those that are empty");
}

async fn an_unknown_session_is_none(adapters: &Adapters) {
    assert_eq!(find(adapters, "nothing").await, None);
    let key = TokenKey::of("nothing");
    assert_eq!(done(adapters.sessions.get_session_by_key(&key, NOW), "lookup").await, None);
    let nobody = user("nobody");
    assert_eq!(done(adapters.sessions.list_user_sessions(&nobody.id, NOW), "list").await, []);
    done(adapters.sessions.delete_session(&SessionId::from("nothing")), "deleting nothing is fine").await;
    done(adapters.sessions.delete_user_sessions(&nobody.id), "for an unknown user too").await;
}

async fn a_session_needs_its_user(adapters: &Adapters) {
    let orphan = session("orphan", &user("nobody"));
    refused(adapters.sessions.create_session(orphan), Conflict::UserMissing, "no session without its user")
        .await;
    assert_eq!(find(adapters, "orphan").await, None, "a refused session is not stored");
}

async fn a_session_is_found_by_its_key_with_its_user(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    given_session(adapters, "of ada", &ada).await;
    let of_bob = given_session(adapters, "of bob", &bob).await;
    let key = TokenKey::of("session token of of bob");
    let found = done(adapters.sessions.get_session_by_key(&key, NOW), "lookup").await;
    assert_eq!(found, Some((of_bob, bob.clone())), "session and user in one read");

    done(adapters.users.delete_user(&bob.id, true, NOW), "soft deletion").await;
    let found = done(adapters.sessions.get_session_by_key(&key, NOW), "lookup").await;
    let is_active = found.map(|(_, user)| user.is_active);
    assert_eq!(is_active, Some(false), "the user as it is now; what that means is the services' affair");
}

async fn an_expired_session_is_invisible(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let session = given_session(adapters, "one", &ada).await;
    let key = TokenKey::of("session token of one");
    for (now, is_there) in [(session.expires_at.plus(-1), true), (session.expires_at, false)] {
        let what = format!("at {} s of its end", now.0 - session.expires_at.0);
        let found = done(adapters.sessions.get_session(&session.id, now), "lookup").await;
        assert_eq!(found.is_some(), is_there, "get_session {what}");
        let found = done(adapters.sessions.get_session_with_user(&session.id, now), "lookup").await;
        assert_eq!(found.is_some(), is_there, "get_session_with_user {what}");
        let found = done(adapters.sessions.get_session_by_key(&key, now), "lookup").await;
        assert_eq!(found.is_some(), is_there, "get_session_by_key {what}");
        let listed = done(adapters.sessions.list_user_sessions(&ada.id, now), "list").await;
        assert_eq!(!listed.is_empty(), is_there, "list_user_sessions {what}");
    }
}

async fn sessions_are_listed_the_oldest_first(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    given_session(adapters, "of bob", &bob).await;
    for (id, age) in [("middle", 20), ("new", 10), ("old", 30)] {
        let session = Session { created_at: NOW.plus(-age), ..session(id, &ada) };
        done(adapters.sessions.create_session(session), "create").await;
    }
    let listed = done(adapters.sessions.list_user_sessions(&ada.id, NOW), "list").await;
    let ids: Vec<&str> = listed.iter().map(|session| session.id.as_str()).collect();
    assert_eq!(ids, ["old", "middle", "new"], "the sessions of that user, the oldest first");
}

async fn a_session_can_be_extended(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let session = given_session(adapters, "one", &ada).await;
    let end = NOW.plus(99_999);
    let extend = |id: SessionId| Change::ExtendSession { id, expires_at: end };
    done(adapters.transactions.commit(vec![extend(session.id.clone())]), "extend").await;
    let expected = Session { expires_at: end, ..session };
    assert_eq!(find(adapters, "one").await, Some(expected), "the end moves, nothing else does");
    refused(
        adapters.transactions.commit(vec![extend(SessionId::from("nothing"))]),
        Conflict::SessionMissing,
        "what ended meanwhile can't be extended",
    )
    .await;
}

async fn an_ended_session_stays_ended(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let one = given_session(adapters, "one", &ada).await;
    let two = given_session(adapters, "two", &ada).await;
    done(adapters.sessions.delete_session(&one.id), "end").await;
    assert_eq!(find(adapters, "one").await, None, "an ended session is gone");
    let key = TokenKey::of("session token of one");
    assert_eq!(done(adapters.sessions.get_session_by_key(&key, NOW), "lookup").await, None);
    assert_eq!(find(adapters, "two").await, Some(two), "the others are not touched");
    refused(
        adapters.tokens.create_token(refresh_token("late", &one)),
        Conflict::SessionMissing,
        "an ended session gets no new tokens",
    )
    .await;
}

async fn a_session_takes_its_tokens_along(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let one = given_session(adapters, "one", &ada).await;
    let two = given_session(adapters, "two", &ada).await;
    let of_one = given_token(adapters, refresh_token("of one", &one)).await;
    let of_two = given_token(adapters, refresh_token("of two", &two)).await;
    let reset = given_token(adapters, token("reset", TokenKind::PasswordReset, &ada)).await;

    done(adapters.sessions.delete_session(&one.id), "end").await;

    for (token, is_there) in [(of_one, false), (of_two, true), (reset, true)] {
        let found = done(adapters.tokens.get_token(&token.key, token.kind, NOW), "lookup").await;
        assert_eq!(
            found.is_some(),
            is_there,
            "the end of a session ends its own tokens and no others ({:?} of {:?})",
            token.kind,
            token.session_id
        );
    }
}

async fn all_sessions_of_a_user_end_at_once(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    let one = given_session(adapters, "one", &ada).await;
    let two = given_session(adapters, "two", &ada).await;
    let other = given_session(adapters, "other", &bob).await;
    for session in [&one, &two, &other] {
        given_token(adapters, refresh_token(session.id.as_str(), session)).await;
    }
    let reset = given_token(adapters, token("reset", TokenKind::PasswordReset, &ada)).await;

    done(adapters.sessions.delete_user_sessions(&ada.id), "end").await;

    for (session, is_there) in [(&one, false), (&two, false), (&other, true)] {
        let id = session.id.as_str();
        assert_eq!(find(adapters, id).await.is_some(), is_there, "session {id}");
        let key = TokenKey::of(id);
        let token = done(adapters.tokens.get_token(&key, TokenKind::Refresh, NOW), "lookup").await;
        assert_eq!(token.is_some(), is_there, "the token of session {id}");
    }
    let reset = done(adapters.tokens.get_token(&reset.key, reset.kind, NOW), "lookup").await;
    assert!(reset.is_some(), "one-time tokens are no part of a session");
}

async fn expired_sessions_are_cleaned_up(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    for number in 0..5 {
        let session = Session { expires_at: NOW.plus(number), ..session(&format!("s{number}"), &ada) };
        done(adapters.sessions.create_session(session.clone()), "create").await;
        given_token(adapters, refresh_token(&format!("t{number}"), &session)).await;
    }
    let now = NOW.plus(3);
    let first = done(adapters.sessions.cleanup_expired_sessions(now, 3), "clean up").await;
    let second = done(adapters.sessions.cleanup_expired_sessions(now, 3), "clean up").await;
    let third = done(adapters.sessions.cleanup_expired_sessions(now, 3), "clean up").await;
    assert_eq!((first, second, third), (3, 1, 0), "what is expired goes, at most `limit` at once");
    let left = done(adapters.sessions.list_user_sessions(&ada.id, NOW.plus(-1)), "list").await;
    let left: Vec<&str> = left.iter().map(|session| session.id.as_str()).collect();
    assert_eq!(left, ["s4"], "what is not expired stays");
    let key = TokenKey::of("t0");
    let token = done(adapters.tokens.get_token(&key, TokenKind::Refresh, NOW), "lookup").await;
    assert_eq!(token, None, "the tokens of cleaned up sessions are gone");
}
