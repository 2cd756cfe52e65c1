//! FastAuth's `RoleAdapter`.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::UserId;
use crate::role::Role;

/// Where roles, their permissions and their holders live.
#[async_trait]
pub trait RoleAdapter: Send + Sync {
    /// Stores a role.
    ///
    /// # Errors
    /// [`Conflict::RoleExists`](super::Conflict::RoleExists).
    async fn create_role(&self, role: Role) -> StoreResult<()>;

    /// The role of a name.
    async fn get_role(&self, name: &str) -> StoreResult<Option<Role>>;

    /// All roles, by name.
    async fn list_roles(&self) -> StoreResult<Vec<Role>>;

    /// Removes a role, and takes it from whoever holds it.
    ///
    /// # Errors
    /// [`Conflict::RoleMissing`](super::Conflict::RoleMissing).
    async fn delete_role(&self, name: &str) -> StoreResult<()>;

    /// Adds permissions; those that the role has are kept.
    ///
    /// # Errors
    /// [`Conflict::RoleMissing`](super::Conflict::RoleMissing).
    async fn add_permissions(&self, name: &str, permissions: BTreeSet<String>) -> StoreResult<()>;

    /// Removes permissions; those that the role lacks don't matter.
    ///
    /// # Errors
    /// [`Conflict::RoleMissing`](super::Conflict::RoleMissing).
    async fn remove_permissions(&self, name: &str, permissions: BTreeSet<String>) -> StoreResult<()>;

    /// Gives a user a role. Giving it twice is giving it once.
    ///
    /// # Errors
    /// [`Conflict::RoleMissing`](super::Conflict::RoleMissing),
    /// [`Conflict::UserMissing`](super::Conflict::UserMissing).
    async fn assign_role(&self, user: &UserId, name: &str) -> StoreResult<()>;

    /// Takes a role from a user; nothing happens if it was not held.
    async fn revoke_role(&self, user: &UserId, name: &str) -> StoreResult<()>;

    /// The roles that a user holds, by name; none for an unknown user.
    async fn get_user_roles(&self, user: &UserId) -> StoreResult<Vec<Role>>;
}
