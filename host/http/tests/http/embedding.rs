//! An embedder's own adapter beside those of a built-in store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use axum::http::StatusCode;
use hookgate_core::adapters::{Adapters, Sequential, StoreResult, TokenAdapter, UserAdapter};
use hookgate_core::clock::Timestamp;
use hookgate_core::ids::{SessionId, UserId};
use hookgate_core::token::{Token, TokenKey, TokenKind};
use hookgate_core::user::User;
use serde_json::json;

use crate::kit::{Reply, TestApp, delete, get, post};

/// Tokens in a place that knows nothing of users and sessions, as a cache server would.
struct Tokens {
    rows: Mutex<HashMap<TokenKey, Token>>,
    users: Arc<dyn UserAdapter>,
}

impl Tokens {
    fn rows(&self) -> MutexGuard<'_, HashMap<TokenKey, Token>> {
        self.rows.lock().expect("no test panics with the lock")
    }

    fn live(&self, key: &TokenKey, kind: TokenKind, now: Timestamp) -> Option<Token> {
        self.rows().get(key).filter(|token| token.kind == kind && now < token.expires_at).cloned()
    }
}

#[async_trait]
impl TokenAdapter for Tokens {
    async fn create_token(&self, token: Token) -> StoreResult<()> {
        self.rows().insert(token.key, token);
        Ok(())
    }

    async fn get_token(&self, key: &TokenKey, kind: TokenKind, now: Timestamp) -> StoreResult<Option<Token>> {
        Ok(self.live(key, kind, now))
    }

    async fn get_token_with_user(
        &self,
        key: &TokenKey,
        kind: TokenKind,
        now: Timestamp,
    ) -> StoreResult<Option<(Token, User)>> {
        let Some(token) = self.live(key, kind, now) else { return Ok(None) };
        Ok(self.users.get_user_by_id(&token.user_id).await?.map(|user| (token, user)))
    }

    async fn get_session_token(
        &self,
        session: &SessionId,
        kind: TokenKind,
        now: Timestamp,
    ) -> StoreResult<Option<Token>> {
        let rows = self.rows();
        let of_session = rows.values().filter(|token| token.session_id.as_ref() == Some(session));
        Ok(of_session.into_iter().find(|token| token.kind == kind && now < token.expires_at).cloned())
    }

    async fn consume_token(
        &self,
        key: &TokenKey,
        kind: TokenKind,
        now: Timestamp,
    ) -> StoreResult<Option<Token>> {
        let mut rows = self.rows();
        let is_live = rows.get(key).is_some_and(|token| token.kind == kind && now < token.expires_at);
        Ok(is_live.then(|| rows.remove(key)).flatten())
    }

    async fn delete_token(&self, key: &TokenKey) -> StoreResult<()> {
        self.rows().remove(key);
        Ok(())
    }

    async fn delete_user_tokens(&self, user: &UserId, kind: Option<TokenKind>) -> StoreResult<()> {
        self.rows().retain(|_, token| token.user_id != *user || kind.is_some_and(|kind| kind != token.kind));
        Ok(())
    }

    async fn cleanup_expired_tokens(&self, now: Timestamp, limit: usize) -> StoreResult<usize> {
        let mut rows = self.rows();
        let expired: Vec<_> = rows
            .values()
            .filter(|token| token.expires_at <= now)
            .map(|token| token.key)
            .take(limit)
            .collect();
        expired.iter().for_each(|key| drop(rows.remove(key)));
        Ok(expired.len())
    }
}

fn with_own_tokens(adapters: Adapters) -> Adapters {
    let tokens = Arc::new(Tokens { rows: Mutex::default(), users: adapters.users.clone() });
    let transactions = Sequential {
        users: adapters.users.clone(),
        sessions: adapters.sessions.clone(),
        tokens: tokens.clone(),
        oauth_accounts: adapters.oauth_accounts.clone(),
        roles: adapters.roles.clone(),
        passkeys: adapters.passkeys.clone(),
        login_attempts: adapters.login_attempts.clone(),
        rest: adapters.transactions.clone(),
    };
    Adapters { tokens, transactions: Arc::new(transactions), ..adapters }
}

async fn refresh(app: &TestApp, tokens: &Reply) -> Reply {
    let body = json!({"refresh_token": tokens.text("refresh_token")});
    app.send(post("/auth/refresh").json(&body)).await
}

#[tokio::test]
async fn an_own_token_adapter_keeps_the_promises_of_refresh() {
    let app = TestApp::with(|wish| wish.adapters = with_own_tokens(wish.adapters.clone()));
    let first = app.register().await;
    assert_eq!(first.status, StatusCode::CREATED);
    let second = refresh(&app, &first).await;
    assert_eq!(second.status, StatusCode::OK);
    let reused = refresh(&app, &first).await;
    assert_eq!(reused.line(), r#"401 {"detail":"Refresh token has already been used"}"#);
    assert_eq!(refresh(&app, &second).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_that_was_ended_ends_its_token_in_another_place_too() {
    let app = TestApp::with(|wish| wish.adapters = with_own_tokens(wish.adapters.clone()));
    let tokens = app.register().await;
    let token = tokens.text("access_token");
    let list = app.send(get("/auth/sessions").bearer(&token)).await.json();
    let path = format!("/auth/sessions/{}", list[0]["id"].as_str().expect("an id"));
    assert_eq!(app.send(delete(&path).bearer(&token)).await.status, StatusCode::OK);
    assert_eq!(refresh(&app, &tokens).await.status, StatusCode::UNAUTHORIZED);
    let again = app.login().await;
    let out = app.send(post("/auth/logout").bearer(&again.text("access_token"))).await;
    assert_eq!(out.status, StatusCode::OK);
    assert_eq!(refresh(&app, &again).await.status, StatusCode::UNAUTHORIZED);
}
