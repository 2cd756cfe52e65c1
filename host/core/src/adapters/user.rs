//! FastAuth's `UserAdapter`.

use async_trait::async_trait;

use super::StoreResult;
use crate::clock::Timestamp;
use crate::ids::UserId;
use crate::user::{Credentials, User, UserPatch};

/// Where users live. Addresses are given and kept normalised (see [`crate::email`]).
#[async_trait]
pub trait UserAdapter: Send + Sync {
    /// Stores a new user, with a PHC string if it has a password.
    ///
    /// # Errors
    /// [`Conflict::EmailTaken`](super::Conflict::EmailTaken), also when two callers race.
    async fn create_user(&self, user: User, password_hash: Option<String>) -> StoreResult<()>;

    /// The user of an id, deactivated and deleted ones included.
    async fn get_user_by_id(&self, id: &UserId) -> StoreResult<Option<User>>;

    /// The user of an address, deactivated and deleted ones included.
    async fn get_user_by_email(&self, email: &str) -> StoreResult<Option<User>>;

    /// The user of an address with the password hash, in one read.
    async fn get_credentials_by_email(&self, email: &str) -> StoreResult<Option<Credentials>>;

    /// The password hash of a user; none if there is no such user or it has no password.
    async fn get_hashed_password(&self, id: &UserId) -> StoreResult<Option<String>>;

    /// Users in the order of their ids, after the id `after`, at most `limit`.
    async fn list_users(&self, after: Option<&UserId>, limit: usize) -> StoreResult<Vec<User>>;

    /// Changes some fields and sets `updated_at`.
    ///
    /// # Errors
    /// [`Conflict::UserMissing`](super::Conflict::UserMissing),
    /// [`Conflict::EmailTaken`](super::Conflict::EmailTaken).
    async fn update_user(&self, id: &UserId, patch: UserPatch, now: Timestamp) -> StoreResult<()>;

    /// Sets or removes the password hash.
    ///
    /// # Errors
    /// [`Conflict::UserMissing`](super::Conflict::UserMissing).
    async fn set_hashed_password(&self, id: &UserId, hash: Option<String>, now: Timestamp)
    -> StoreResult<()>;

    /// Deletes a user. `soft` keeps the row, inactive and with `deleted_at`, so that the address stays
    /// taken; otherwise the row and everything that hangs on it goes.
    ///
    /// # Errors
    /// [`Conflict::UserMissing`](super::Conflict::UserMissing).
    async fn delete_user(&self, id: &UserId, soft: bool, now: Timestamp) -> StoreResult<()>;
}
