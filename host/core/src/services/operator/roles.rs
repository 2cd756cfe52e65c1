//! The operator's view of roles.

use std::collections::BTreeSet;

use super::{Operator, OperatorError};
use crate::adapters::{Change, Conflict};
use crate::role::{ADMIN, Role};
use crate::user::User;

impl Operator {
    /// Every role, by name.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn list_roles(&self) -> Result<Vec<Role>, OperatorError> {
        Ok(self.adapters.roles.list_roles().await?)
    }

    /// Creates a role.
    ///
    /// # Errors
    /// [`OperatorError::RoleExists`].
    pub async fn create_role(&self, role: Role) -> Result<(), OperatorError> {
        let name = role.name.clone();
        self.change_role(&name, Change::CreateRole(role)).await
    }

    /// Deletes a role and takes it from whoever holds it.
    ///
    /// # Errors
    /// [`OperatorError::RoleNotFound`].
    pub async fn delete_role(&self, name: &str) -> Result<(), OperatorError> {
        self.change_role(name, Change::DeleteRole(name.to_owned())).await
    }

    /// Adds permissions to a role.
    ///
    /// # Errors
    /// [`OperatorError::RoleNotFound`].
    pub async fn add_permissions(
        &self,
        role: &str,
        permissions: BTreeSet<String>,
    ) -> Result<(), OperatorError> {
        self.change_role(role, Change::AddPermissions { role: role.to_owned(), permissions }).await
    }

    /// Takes permissions from a role; those that it lacks don't matter.
    ///
    /// # Errors
    /// [`OperatorError::RoleNotFound`].
    pub async fn remove_permissions(
        &self,
        role: &str,
        permissions: BTreeSet<String>,
    ) -> Result<(), OperatorError> {
        self.change_role(role, Change::RemovePermissions { role: role.to_owned(), permissions }).await
    }

    /// Gives a user a role; twice is once.
    ///
    /// # Errors
    /// [`OperatorError::RoleNotFound`].
    pub async fn assign_role(&self, user: &User, role: &str) -> Result<(), OperatorError> {
        self.require_role(role).await?;
        self.change_role(role, Change::AssignRole { user: user.id.clone(), role: role.to_owned() }).await
    }

    /// Takes a role from a user, also if it was not held.
    ///
    /// # Errors
    /// [`OperatorError::RoleNotFound`].
    pub async fn unassign_role(&self, user: &User, role: &str) -> Result<(), OperatorError> {
        // The change itself does not mind; a mistyped name should not look like success.
        self.find_role(role).await?;
        self.change_role(role, Change::RevokeRole { user: user.id.clone(), role: role.to_owned() }).await
    }

    /// The role of a name.
    ///
    /// # Errors
    /// [`OperatorError::RoleNotFound`].
    pub async fn find_role(&self, name: &str) -> Result<Role, OperatorError> {
        let role = self.adapters.roles.get_role(name).await?;
        role.ok_or_else(|| OperatorError::RoleNotFound(name.to_owned()))
    }

    /// Makes sure that there is a role. The one whose holders manage all others is the server's own, and
    /// made when it is first given to somebody.
    pub(super) async fn require_role(&self, name: &str) -> Result<(), OperatorError> {
        match self.find_role(name).await {
            Err(OperatorError::RoleNotFound(_)) if name == ADMIN => {
                let role = Role { name: name.to_owned(), permissions: BTreeSet::new() };
                match self.create_role(role).await {
                    // Somebody else was faster.
                    Ok(()) | Err(OperatorError::RoleExists(_)) => Ok(()),
                    Err(error) => Err(error),
                }
            }
            found => found.map(drop),
        }
    }

    async fn change_role(&self, name: &str, change: Change) -> Result<(), OperatorError> {
        self.commit(vec![change], |conflict| match conflict {
            Conflict::RoleExists => Some(OperatorError::RoleExists(name.to_owned())),
            Conflict::RoleMissing => Some(OperatorError::RoleNotFound(name.to_owned())),
            _ => None,
        })
        .await
    }
}
