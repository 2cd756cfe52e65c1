//! Roles and permissions: who may do what.

use std::collections::BTreeSet;

use super::{Caller, Services};
use crate::adapters::{Change, Conflict, StoreError};
use crate::error::AuthError;
use crate::ids::UserId;
use crate::role::{ADMIN, Role};

/// A caller who holds the role that may change roles.
pub struct Administrator(());

/// The roles of a user and what they allow together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// The roles' names.
    pub roles: Vec<String>,
    /// The union of their permissions.
    pub permissions: BTreeSet<String>,
}

impl Services {
    /// Proves that the caller may change roles. Roles are read from the store, never from the token.
    ///
    /// # Errors
    /// [`AuthError::InsufficientRole`].
    pub async fn require_administrator(&self, caller: &Caller) -> Result<Administrator, AuthError> {
        if self.has_role(&caller.user.id, ADMIN).await? {
            Ok(Administrator(()))
        } else {
            Err(AuthError::InsufficientRole)
        }
    }

    pub(super) async fn has_role(&self, user: &UserId, name: &str) -> Result<bool, AuthError> {
        let roles = self.adapters.roles.get_user_roles(user).await?;
        Ok(roles.iter().any(|role| role.name == name))
    }

    /// The rights of a user; none for an unknown one.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn rights(&self, user: &UserId) -> Result<Rights, AuthError> {
        let roles = self.adapters.roles.get_user_roles(user).await?;
        let permissions = roles.iter().flat_map(|role| role.permissions.iter().cloned()).collect();
        Ok(Rights { roles: roles.into_iter().map(|role| role.name).collect(), permissions })
    }

    /// Whether the caller holds all of the roles and permissions (FastAuth's `require_role` and
    /// `require_permission`).
    ///
    /// # Errors
    /// [`AuthError::InsufficientRole`], [`AuthError::InsufficientPermissions`].
    pub async fn require_rights(
        &self,
        caller: &Caller,
        roles: &[String],
        permissions: &[String],
    ) -> Result<Rights, AuthError> {
        let rights = self.rights(&caller.user.id).await?;
        if !roles.iter().all(|role| rights.roles.contains(role)) {
            return Err(AuthError::InsufficientRole);
        }
        if !permissions.iter().all(|permission| rights.permissions.contains(permission)) {
            return Err(AuthError::InsufficientPermissions);
        }
        Ok(rights)
    }

    /// Every role, by name.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn list_roles(&self, _: &Administrator) -> Result<Vec<Role>, AuthError> {
        Ok(self.adapters.roles.list_roles().await?)
    }

    /// Creates a role.
    ///
    /// # Errors
    /// [`AuthError::RoleExists`].
    pub async fn create_role(&self, _: &Administrator, role: Role) -> Result<(), AuthError> {
        self.change_roles(Change::CreateRole(role)).await
    }

    /// Deletes a role and takes it from whoever holds it.
    ///
    /// # Errors
    /// [`AuthError::RoleNotFound`].
    pub async fn delete_role(&self, _: &Administrator, name: String) -> Result<(), AuthError> {
        self.change_roles(Change::DeleteRole(name)).await
    }

    /// Adds permissions to a role.
    ///
    /// # Errors
    /// [`AuthError::RoleNotFound`].
    pub async fn add_permissions(
        &self,
        _: &Administrator,
        role: String,
        permissions: BTreeSet<String>,
    ) -> Result<(), AuthError> {
        self.change_roles(Change::AddPermissions { role, permissions }).await
    }

    /// Takes permissions from a role.
    ///
    /// # Errors
    /// [`AuthError::RoleNotFound`].
    pub async fn remove_permissions(
        &self,
        _: &Administrator,
        role: String,
        permissions: BTreeSet<String>,
    ) -> Result<(), AuthError> {
        self.change_roles(Change::RemovePermissions { role, permissions }).await
    }

    /// Gives a user a role; twice is once.
    ///
    /// # Errors
    /// [`AuthError::RoleNotFound`], [`AuthError::UserNotFound`].
    pub async fn assign_role(&self, _: &Administrator, user: UserId, role: String) -> Result<(), AuthError> {
        self.change_roles(Change::AssignRole { user, role }).await
    }

    /// Takes a role from a user, also if it was not held.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn revoke_role(&self, _: &Administrator, user: UserId, role: String) -> Result<(), AuthError> {
        self.change_roles(Change::RevokeRole { user, role }).await
    }

    async fn change_roles(&self, change: Change) -> Result<(), AuthError> {
        self.commit(vec![change]).await.map_err(|error| match error {
            StoreError::Conflict(Conflict::RoleExists) => AuthError::RoleExists,
            StoreError::Conflict(Conflict::RoleMissing) => AuthError::RoleNotFound,
            StoreError::Conflict(Conflict::UserMissing) => AuthError::UserNotFound,
            other => other.into(),
        })
    }
}
