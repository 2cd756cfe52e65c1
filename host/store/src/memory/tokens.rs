//! Refresh and one-time tokens in memory.

use async_trait::async_trait;
use hookgate_core::adapters::{Change, Conflict, StoreResult, TokenAdapter, Transactions as _};
use hookgate_core::clock::Timestamp;
use hookgate_core::ids::{SessionId, UserId};
use hookgate_core::token::{Token, TokenKey, TokenKind};
use hookgate_core::user::User;

use super::memory_state::{Memory, State};

impl State {
    fn live_token(&self, key: &TokenKey, kind: TokenKind, now: Timestamp) -> Option<&Token> {
        self.tokens.get(key).filter(|token| token.kind == kind && now < token.expires_at)
    }

    pub(super) fn create_token(&mut self, token: Token) -> StoreResult<()> {
        self.require_user(&token.user_id)?;
        if token.session_id.as_ref().is_some_and(|id| !self.sessions.contains(id)) {
            return Err(Conflict::SessionMissing.into());
        }
        self.tokens.put(token.key, token);
        Ok(())
    }

    fn take_token(&mut self, key: &TokenKey, kind: TokenKind, now: Timestamp) -> Option<Token> {
        self.live_token(key, kind, now)?;
        self.tokens.remove(key)
    }

    pub(super) fn consume_token(
        &mut self,
        key: &TokenKey,
        kind: TokenKind,
        now: Timestamp,
    ) -> StoreResult<()> {
        match self.take_token(key, kind, now) {
            Some(_) => Ok(()),
            None => Err(Conflict::TokenSpent.into()),
        }
    }

    pub(super) fn delete_token(&mut self, key: &TokenKey) -> StoreResult<()> {
        self.tokens.remove(key);
        Ok(())
    }

    pub(super) fn delete_user_tokens(&mut self, user: &UserId, kind: Option<TokenKind>) -> StoreResult<()> {
        self.tokens.remove_where(usize::MAX, |_, token| {
            token.user_id == *user && kind.is_none_or(|kind| kind == token.kind)
        });
        Ok(())
    }
}

#[async_trait]
impl TokenAdapter for Memory {
    async fn create_token(&self, token: Token) -> StoreResult<()> {
        self.commit(vec![Change::CreateToken(token)]).await
    }

    async fn get_token(&self, key: &TokenKey, kind: TokenKind, now: Timestamp) -> StoreResult<Option<Token>> {
        self.look(|state| state.live_token(key, kind, now).cloned())
    }

    async fn get_token_with_user(
        &self,
        key: &TokenKey,
        kind: TokenKind,
        now: Timestamp,
    ) -> StoreResult<Option<(Token, User)>> {
        self.look(|state| {
            let token = state.live_token(key, kind, now)?;
            Some((token.clone(), state.users.get(&token.user_id)?.user.clone()))
        })
    }

    async fn get_session_token(
        &self,
        session: &SessionId,
        kind: TokenKind,
        now: Timestamp,
    ) -> StoreResult<Option<Token>> {
        self.look(|state| {
            let is_wanted = |token: &&Token| {
                token.session_id.as_ref() == Some(session) && token.kind == kind && now < token.expires_at
            };
            state.tokens.values().find(is_wanted).cloned()
        })
    }

    async fn consume_token(
        &self,
        key: &TokenKey,
        kind: TokenKind,
        now: Timestamp,
    ) -> StoreResult<Option<Token>> {
        self.change(|state| Ok(state.take_token(key, kind, now)))
    }

    async fn delete_token(&self, key: &TokenKey) -> StoreResult<()> {
        self.commit(vec![Change::DeleteToken(*key)]).await
    }

    async fn delete_user_tokens(&self, user: &UserId, kind: Option<TokenKind>) -> StoreResult<()> {
        self.commit(vec![Change::DeleteUserTokens { user: user.clone(), kind }]).await
    }

    async fn cleanup_expired_tokens(&self, now: Timestamp, limit: usize) -> StoreResult<usize> {
        self.change(|state| Ok(state.tokens.remove_where(limit, |_, token| token.expires_at <= now)))
    }
}
