//! The promises of `TokenAdapter`, and of `Change::ConsumeToken`.

use hookgate_core::adapters::{Adapters, Change, Conflict};
use hookgate_core::ids::SessionId;
use hookgate_core::token::{Token, TokenKey, TokenKind};

use super::check::checks;
use super::fixtures::{
    NOW, done, given_session, given_token, given_user, race, race_done, refresh_token, refused, token, user,
};

checks!("tokens":
    a_token_comes_back_as_it_was,
    a_token_needs_its_user_and_session,
    a_token_of_one_kind_is_no_other,
    a_token_is_found_by_its_session,
    a_token_of_the_same_key_is_replaced,
    an_expired_token_is_invisible,
    a_token_is_consumed_once,
    of_racing_consumers_one_wins,
    of_racing_transactions_one_consumes,
    the_wrong_kind_leaves_the_token,
    an_expired_token_is_not_consumed,
    a_spent_token_fails_its_transaction,
    a_token_is_deleted_whatever_its_kind,
    a_users_tokens_are_deleted_by_kind,
    refresh_tokens_go_without_their_session,
    expired_tokens_are_cleaned_up,
);

/// Looks a token up both ways, which have to agree.
async fn find(adapters: &Adapters, token: &Token) -> Option<Token> {
    let found =
        done(adapters.tokens.get_token(&token.key, token.kind, NOW), "a token can be looked up").await;
    let with_user = adapters.tokens.get_token_with_user(&token.key, token.kind, NOW);
    let with_user = done(with_user, "a token can be looked up with its user").await;
    let of_user = |found: &Token| (found.clone(), found.user_id.clone());
    assert_eq!(with_user.map(|(token, user)| (token, user.id)), found.as_ref().map(of_user), "with its user");
    found
}

fn consume(token: &Token) -> Change {
    Change::ConsumeToken { key: token.key, kind: token.kind, now: NOW }
}

async fn a_token_comes_back_as_it_was(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let session = given_session(adapters, "one", &ada).await;
    for kind in TokenKind::ALL {
        let token = given_token(adapters, token(kind.as_str(), kind, &ada)).await;
        assert_eq!(find(adapters, &token).await, Some(token), "every field comes back as it was");
    }
    let refresh = given_token(adapters, refresh_token("refresh", &session)).await;
    assert_eq!(find(adapters, &refresh).await, Some(refresh), "also the session");
    let key = TokenKey::of("nothing");
    let nothing = done(adapters.tokens.get_token(&key, TokenKind::Refresh, NOW), "lookup").await;
    assert_eq!(nothing, None, "an unknown token is none");
}

async fn a_token_needs_its_user_and_session(adapters: &Adapters) {
    let orphan = token("orphan", TokenKind::Verification, &user("nobody"));
    refused(adapters.tokens.create_token(orphan.clone()), Conflict::UserMissing, "no token without user")
        .await;
    assert_eq!(find(adapters, &orphan).await, None, "a refused token is not stored");

    let ada = given_user(adapters, "ada").await;
    let stray =
        Token { session_id: Some(SessionId::from("none")), ..token("stray", TokenKind::Refresh, &ada) };
    refused(
        adapters.tokens.create_token(stray.clone()),
        Conflict::SessionMissing,
        "no token of a session that is not there",
    )
    .await;
    assert_eq!(find(adapters, &stray).await, None, "a refused token is not stored");
}

async fn a_token_of_one_kind_is_no_other(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let reset = given_token(adapters, token("secret", TokenKind::PasswordReset, &ada)).await;
    for kind in TokenKind::ALL {
        let found = done(adapters.tokens.get_token(&reset.key, kind, NOW), "lookup").await;
        assert_eq!(found.is_some(), kind == TokenKind::PasswordReset, "a reset token asked for as {kind:?}");
    }
}

async fn a_token_is_found_by_its_session(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let one = given_session(adapters, "one", &ada).await;
    let other = given_session(adapters, "other", &ada).await;
    let bare = given_session(adapters, "bare", &ada).await;
    let token = given_token(adapters, refresh_token("of one", &one)).await;
    given_token(adapters, refresh_token("of another", &other)).await;
    let find = |session: &SessionId, kind, now| {
        let tokens = adapters.tokens.clone();
        let session = session.clone();
        async move { done(tokens.get_session_token(&session, kind, now), "lookup").await }
    };
    assert_eq!(find(&one.id, TokenKind::Refresh, NOW).await, Some(token.clone()), "its own, as it was");
    assert_eq!(find(&bare.id, TokenKind::Refresh, NOW).await, None, "none if it has none");
    assert_eq!(find(&one.id, TokenKind::MagicLink, NOW).await, None, "of that kind alone");
    assert_eq!(find(&one.id, TokenKind::Refresh, token.expires_at).await, None, "and not expired");
    done(adapters.tokens.consume_token(&token.key, TokenKind::Refresh, NOW), "consume").await;
    assert_eq!(find(&one.id, TokenKind::Refresh, NOW).await, None, "and not consumed");
}

async fn a_token_of_the_same_key_is_replaced(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    let session = given_session(adapters, "one", &ada).await;
    let old = given_token(adapters, refresh_token("secret", &session)).await;
    let new = Token {
        data: serde_json::json!(["new"]),
        created_at: NOW.plus(5),
        expires_at: NOW.plus(50),
        ..token("secret", TokenKind::MagicLink, &bob)
    };
    given_token(adapters, new.clone()).await;
    assert_eq!(find(adapters, &old).await, None, "the old token is gone");
    assert_eq!(find(adapters, &new).await, Some(new.clone()), "every field is the new token's");

    done(adapters.sessions.delete_session(&session.id), "end").await;
    assert!(find(adapters, &new).await.is_some(), "nor does it hang on the old one's session");
}

async fn an_expired_token_is_invisible(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let token = given_token(adapters, token("secret", TokenKind::MagicLink, &ada)).await;
    for (now, is_there) in [(token.expires_at.plus(-1), true), (token.expires_at, false)] {
        let found = done(adapters.tokens.get_token(&token.key, token.kind, now), "lookup").await;
        assert_eq!(found.is_some(), is_there, "at {} s of its end", now.0 - token.expires_at.0);
    }
}

async fn a_token_is_consumed_once(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let token = given_token(adapters, token("secret", TokenKind::EmailChange, &ada)).await;
    let first = done(adapters.tokens.consume_token(&token.key, token.kind, NOW), "consume").await;
    assert_eq!(first.as_ref(), Some(&token), "the first caller gets the token as it was");
    let second = done(adapters.tokens.consume_token(&token.key, token.kind, NOW), "consume").await;
    assert_eq!(second, None, "the second gets nothing");
    assert_eq!(find(adapters, &token).await, None, "a consumed token is gone");
}

async fn of_racing_consumers_one_wins(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let token = given_token(adapters, token("secret", TokenKind::PasswordReset, &ada)).await;
    let call = |_| {
        let tokens = adapters.tokens.clone();
        async move { tokens.consume_token(&TokenKey::of("secret"), TokenKind::PasswordReset, NOW).await }
    };
    let mut winners = race_done(call, "consuming never fails, it finds nothing").await;
    winners.retain(Option::is_some);
    assert_eq!(winners, [Some(token)], "exactly one of the racing consumers gets the token");
}

async fn of_racing_transactions_one_consumes(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let session = given_session(adapters, "one", &ada).await;
    let old = given_token(adapters, refresh_token("old", &session)).await;
    let answers = race(|number| {
        let transactions = adapters.transactions.clone();
        let new = refresh_token(&format!("new-{number}"), &session);
        let changes = vec![
            consume(&old),
            Change::CreateToken(new),
            Change::ExtendSession { id: session.id.clone(), expires_at: NOW.plus(7200) },
        ];
        async move { transactions.commit(changes).await.map(|()| number) }
    })
    .await;

    let mut winners = Vec::new();
    for answer in answers {
        match answer {
            Ok(number) => winners.push(number),
            Err(error) => {
                assert_eq!(
                    error.conflict(),
                    Some(Conflict::TokenSpent),
                    "the losers hear why, not {error:?}"
                );
            }
        }
    }
    assert_eq!(winners.len(), 1, "exactly one of the racing rotations wins: {winners:?}");
    for number in 0..super::fixtures::RACERS {
        let new = refresh_token(&format!("new-{number}"), &session);
        let is_there = find(adapters, &new).await.is_some();
        assert_eq!(is_there, winners.contains(&number), "only the winner's new token is stored ({number})");
    }
}

async fn the_wrong_kind_leaves_the_token(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let token = given_token(adapters, token("secret", TokenKind::Verification, &ada)).await;
    let wrong = adapters.tokens.consume_token(&token.key, TokenKind::PasswordReset, NOW);
    assert_eq!(done(wrong, "consume").await, None, "a token of another kind is none");
    let wrong = Change::ConsumeToken { key: token.key, kind: TokenKind::PasswordReset, now: NOW };
    refused(
        adapters.transactions.commit(vec![wrong]),
        Conflict::TokenSpent,
        "nor does a transaction take it",
    )
    .await;
    assert_eq!(find(adapters, &token).await, Some(token), "and it stays");
}

async fn an_expired_token_is_not_consumed(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let token = given_token(adapters, token("secret", TokenKind::MagicLink, &ada)).await;
    let late = adapters.tokens.consume_token(&token.key, token.kind, token.expires_at);
    assert_eq!(done(late, "consume").await, None, "an expired token is none");
    let late = Change::ConsumeToken { key: token.key, kind: token.kind, now: token.expires_at };
    refused(adapters.transactions.commit(vec![late]), Conflict::TokenSpent, "nor does a transaction take it")
        .await;
    assert_eq!(find(adapters, &token).await, Some(token), "and it stays until it is cleaned up");
}

async fn a_spent_token_fails_its_transaction(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let token = given_token(adapters, token("secret", TokenKind::MagicLink, &ada)).await;
    done(adapters.transactions.commit(vec![consume(&token)]), "the first consumes it").await;
    assert_eq!(find(adapters, &token).await, None, "a consumed token is gone");
    refused(
        adapters.transactions.commit(vec![consume(&token)]),
        Conflict::TokenSpent,
        "a spent token can't be consumed again",
    )
    .await;
}

async fn a_token_is_deleted_whatever_its_kind(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let other = given_token(adapters, token("other", TokenKind::MagicLink, &ada)).await;
    for kind in TokenKind::ALL {
        let token = given_token(adapters, token("secret", kind, &ada)).await;
        done(adapters.tokens.delete_token(&token.key), "delete").await;
        assert_eq!(find(adapters, &token).await, None, "a deleted token is gone");
    }
    done(adapters.tokens.delete_token(&TokenKey::of("nothing")), "deleting nothing is fine").await;
    assert_eq!(find(adapters, &other).await, Some(other), "the others are not touched");
}

async fn a_users_tokens_are_deleted_by_kind(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    let reset = given_token(adapters, token("reset", TokenKind::PasswordReset, &ada)).await;
    let second_reset = given_token(adapters, token("reset 2", TokenKind::PasswordReset, &ada)).await;
    let link = given_token(adapters, token("link", TokenKind::MagicLink, &ada)).await;
    let of_bob = given_token(adapters, token("of bob", TokenKind::PasswordReset, &bob)).await;

    done(adapters.tokens.delete_user_tokens(&ada.id, Some(TokenKind::PasswordReset)), "delete").await;
    for (token, is_there) in [(&reset, false), (&second_reset, false), (&link, true), (&of_bob, true)] {
        let (kind, user) = (token.kind, &token.user_id);
        assert_eq!(find(adapters, token).await.is_some(), is_there, "resets of ada go; {kind:?} of {user}");
    }
    done(adapters.tokens.delete_user_tokens(&ada.id, None), "delete").await;
    assert_eq!(find(adapters, &link).await, None, "then all that ada has");
    assert_eq!(find(adapters, &of_bob).await, Some(of_bob), "and nothing of bob's");
}

async fn refresh_tokens_go_without_their_session(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let session = given_session(adapters, "one", &ada).await;
    let refresh = given_token(adapters, refresh_token("refresh", &session)).await;
    done(adapters.tokens.delete_user_tokens(&ada.id, Some(TokenKind::Refresh)), "delete").await;
    assert_eq!(find(adapters, &refresh).await, None, "the refresh token is gone");
    let found = done(adapters.sessions.get_session(&session.id, NOW), "lookup").await;
    assert_eq!(found, Some(session), "its session is not");
}

async fn expired_tokens_are_cleaned_up(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let mut tokens = Vec::new();
    for number in 0..5 {
        let end = NOW.plus(1 + number);
        let token = Token { expires_at: end, ..token(&number.to_string(), TokenKind::MagicLink, &ada) };
        tokens.push(given_token(adapters, token).await);
    }
    let now = NOW.plus(4);
    let first = done(adapters.tokens.cleanup_expired_tokens(now, 3), "clean up").await;
    let second = done(adapters.tokens.cleanup_expired_tokens(now, 3), "clean up").await;
    let third = done(adapters.tokens.cleanup_expired_tokens(now, 3), "clean up").await;
    assert_eq!((first, second, third), (3, 1, 0), "what is expired goes, at most `limit` at once");
    for (number, token) in tokens.iter().enumerate() {
        assert_eq!(
            find(adapters, token).await.is_some(),
            number == 4,
            "what is not expired stays ({number})"
        );
    }
}
