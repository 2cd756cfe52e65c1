//! FastAuth's `SessionAdapter`.

use async_trait::async_trait;

use super::StoreResult;
use crate::clock::Timestamp;
use crate::ids::{SessionId, UserId};
use crate::session::Session;
use crate::token::TokenKey;
use crate::user::User;

/// Where sessions live. A session that is over never comes back, and takes its tokens with it.
#[async_trait]
pub trait SessionAdapter: Send + Sync {
    /// Stores a new session.
    ///
    /// # Errors
    /// [`Conflict::UserMissing`](super::Conflict::UserMissing).
    async fn create_session(&self, session: Session) -> StoreResult<()>;

    /// The session of an id, unless it is expired at `now`.
    async fn get_session(&self, id: &SessionId, now: Timestamp) -> StoreResult<Option<Session>>;

    /// The session of an id together with its user, in one read, unless it is expired at `now`.
    async fn get_session_with_user(
        &self,
        id: &SessionId,
        now: Timestamp,
    ) -> StoreResult<Option<(Session, User)>>;

    /// The session of a session token's digest together with its user, in one read, unless it is
    /// expired at `now`.
    async fn get_session_by_key(
        &self,
        key: &TokenKey,
        now: Timestamp,
    ) -> StoreResult<Option<(Session, User)>>;

    /// The unexpired sessions of a user, the oldest first.
    async fn list_user_sessions(&self, user: &UserId, now: Timestamp) -> StoreResult<Vec<Session>>;

    /// Ends a session and its refresh tokens; nothing happens if there is none.
    async fn delete_session(&self, id: &SessionId) -> StoreResult<()>;

    /// Ends every session of a user, and their refresh tokens.
    async fn delete_user_sessions(&self, user: &UserId) -> StoreResult<()>;

    /// Removes what is expired at `now`, at most `limit` rows, and says how many.
    async fn cleanup_expired_sessions(&self, now: Timestamp, limit: usize) -> StoreResult<usize>;
}
