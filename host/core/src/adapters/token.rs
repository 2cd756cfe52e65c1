//! FastAuth's `TokenAdapter`.

use async_trait::async_trait;

use super::StoreResult;
use crate::clock::Timestamp;
use crate::ids::{SessionId, UserId};
use crate::token::{Token, TokenKey, TokenKind};
use crate::user::User;

/// Where refresh and one-time tokens live, under digests of their secrets.
#[async_trait]
pub trait TokenAdapter: Send + Sync {
    /// Stores a token; one of the same key is replaced.
    ///
    /// # Errors
    /// [`Conflict::UserMissing`](super::Conflict::UserMissing),
    /// [`Conflict::SessionMissing`](super::Conflict::SessionMissing).
    async fn create_token(&self, token: Token) -> StoreResult<()>;

    /// The token of that key, if it is of that kind and not expired at `now`.
    async fn get_token(&self, key: &TokenKey, kind: TokenKind, now: Timestamp) -> StoreResult<Option<Token>>;

    /// The same together with the token's user, in one read: a refresh needs both.
    async fn get_token_with_user(
        &self,
        key: &TokenKey,
        kind: TokenKind,
        now: Timestamp,
    ) -> StoreResult<Option<(Token, User)>>;

    /// A token of a session, of that kind and not expired at `now`. Of refresh tokens a session has one at
    /// a time; of several tokens any may come.
    async fn get_session_token(
        &self,
        session: &SessionId,
        kind: TokenKind,
        now: Timestamp,
    ) -> StoreResult<Option<Token>>;

    /// Takes a token out of the store. Of several callers exactly one gets it; a token that is
    /// expired or of another kind is `None` and stays.
    async fn consume_token(
        &self,
        key: &TokenKey,
        kind: TokenKind,
        now: Timestamp,
    ) -> StoreResult<Option<Token>>;

    /// Removes a token of whatever kind; nothing happens if there is none.
    async fn delete_token(&self, key: &TokenKey) -> StoreResult<()>;

    /// Removes a user's tokens, of one kind or of all.
    async fn delete_user_tokens(&self, user: &UserId, kind: Option<TokenKind>) -> StoreResult<()>;

    /// Removes what is expired at `now`, at most `limit` rows, and says how many.
    async fn cleanup_expired_tokens(&self, now: Timestamp, limit: usize) -> StoreResult<usize>;
}
