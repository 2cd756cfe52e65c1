//! Rows to check with, and the few things that every check does with answers.

use std::fmt::Debug;
use std::future::Future;

use hookgate_core::JsonObject;
use hookgate_core::adapters::{Adapters, Conflict, StoreResult};
use hookgate_core::clock::Timestamp;
use hookgate_core::event::Event;
use hookgate_core::hooks::{Hook, RequestContext};
use hookgate_core::ids::{SessionId, UserId};
use hookgate_core::oauth_account::OAuthAccount;
use hookgate_core::passkey::{Passkey, PasskeyUse};
use hookgate_core::role::Role;
use hookgate_core::session::Session;
use hookgate_core::token::{Token, TokenKey, TokenKind};
use hookgate_core::user::User;
use serde_json::json;
use tokio::task::JoinSet;

/// When the checks play.
pub(super) const NOW: Timestamp = Timestamp(1_800_000_000);

/// The same in milliseconds.
pub(super) const NOW_MS: i64 = NOW.0 * 1000;

/// How many callers race.
pub(super) const RACERS: usize = 32;

pub(super) fn user(id: &str) -> User {
    User {
        id: UserId::from(id),
        email: format!("{id}@example.com"),
        name: Some(format!("Name of {id}")),
        image: None,
        email_verified: false,
        is_active: true,
        created_at: NOW,
        updated_at: NOW,
        deleted_at: None,
    }
}

pub(super) fn session(id: &str, user: &User) -> Session {
    let mut payload = JsonObject::new();
    payload.insert("theme".to_owned(), json!({"dark": true, "levels": [1, 2.5, null]}));
    Session {
        id: SessionId::from(id),
        user_id: user.id.clone(),
        key: Some(TokenKey::of(&format!("session token of {id}"))),
        ip_address: Some("2001:db8::1".to_owned()),
        user_agent: Some("Mozilla/5.0".to_owned()),
        payload,
        created_at: NOW,
        expires_at: NOW.plus(3600),
    }
}

pub(super) fn token(secret: &str, kind: TokenKind, user: &User) -> Token {
    Token {
        key: TokenKey::of(secret),
        kind,
        user_id: user.id.clone(),
        session_id: None,
        data: json!({"email": "new@example.com", "ttl": 7_776_000}),
        created_at: NOW,
        expires_at: NOW.plus(600),
    }
}

pub(super) fn refresh_token(secret: &str, session: &Session) -> Token {
    Token {
        key: TokenKey::of(secret),
        kind: TokenKind::Refresh,
        user_id: session.user_id.clone(),
        session_id: Some(session.id.clone()),
        data: serde_json::Value::Null,
        created_at: NOW,
        expires_at: NOW.plus(600),
    }
}

pub(super) fn oauth_account(id: &str, provider: &str, user: &User) -> OAuthAccount {
    OAuthAccount {
        id: id.to_owned(),
        provider: provider.to_owned(),
        provider_account_id: format!("account of {id}"),
        user_id: user.id.clone(),
        access_token: Some("sealed access token".to_owned()),
        refresh_token: None,
        expires_at: Some(NOW.plus(3600)),
        created_at: NOW,
    }
}

pub(super) fn passkey(id: &str, user: &User) -> Passkey {
    Passkey {
        id: id.to_owned(),
        user_id: user.id.clone(),
        public_key: vec![0, 1, 2, 0xFF],
        sign_count: 7,
        backup_eligible: Some(true),
        aaguid: "00000000-0000-0000-0000-000000000000".to_owned(),
        name: "A key".to_owned(),
        created_at: NOW,
        last_used_at: None,
    }
}

/// A use of a passkey like the one above.
pub(super) const fn used(sign_count: u32) -> PasskeyUse {
    PasskeyUse { sign_count, backup_eligible: true }
}

pub(super) fn role(name: &str, permissions: &[&str]) -> Role {
    Role {
        name: name.to_owned(),
        permissions: permissions.iter().map(|&permission| permission.to_owned()).collect(),
    }
}

/// An event whose request came in at `time_ms`.
pub(super) fn event(hook: Hook, user: &User, time_ms: i64) -> Event {
    let request = RequestContext { id: "request-1".to_owned(), time_ms, ..RequestContext::default() };
    Event::new(hook, user.clone(), request)
}

/// A user that is stored.
pub(super) async fn given_user(adapters: &Adapters, id: &str) -> User {
    let user = user(id);
    done(adapters.users.create_user(user.clone(), None), "a new user is stored").await;
    user
}

/// A session that is stored.
pub(super) async fn given_session(adapters: &Adapters, id: &str, user: &User) -> Session {
    let session = session(id, user);
    done(adapters.sessions.create_session(session.clone()), "a new session is stored").await;
    session
}

/// A token that is stored.
pub(super) async fn given_token(adapters: &Adapters, token: Token) -> Token {
    done(adapters.tokens.create_token(token.clone()), "a new token is stored").await;
    token
}

/// The answer of a call that has to succeed.
pub(super) async fn done<T>(call: impl Future<Output = StoreResult<T>>, promise: &str) -> T {
    match call.await {
        Ok(answer) => answer,
        Err(error) => panic!("{promise}: but the adapter failed with {error:?}"),
    }
}

/// Checks that a call is refused with that conflict.
pub(super) async fn refused<T: Debug>(
    call: impl Future<Output = StoreResult<T>>,
    conflict: Conflict,
    promise: &str,
) {
    let answer = call.await;
    let found = answer.as_ref().err().and_then(|error| error.conflict());
    assert_eq!(found, Some(conflict), "{promise}: but the adapter answered {answer:?}");
}

/// Starts a call many times at once and collects the answers.
pub(super) async fn race<T, C, F>(call: C) -> Vec<StoreResult<T>>
where
    T: Send + 'static,
    C: Fn(usize) -> F,
    F: Future<Output = StoreResult<T>> + Send + 'static,
{
    (0..RACERS).map(call).collect::<JoinSet<_>>().join_all().await
}

/// The answers of a race in which every call has to succeed.
pub(super) async fn race_done<T, C, F>(call: C, promise: &str) -> Vec<T>
where
    T: Send + 'static,
    C: Fn(usize) -> F,
    F: Future<Output = StoreResult<T>> + Send + 'static,
{
    let mut answers = Vec::with_capacity(RACERS);
    for answer in race(call).await {
        answers.push(done(std::future::ready(answer), promise).await);
    }
    answers
}
