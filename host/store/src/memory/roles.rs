//! Roles, their permissions and their holders in memory.

use std::collections::BTreeSet;

use async_trait::async_trait;
use hookgate_core::adapters::{Change, Conflict, RoleAdapter, StoreResult, Transactions as _};
use hookgate_core::ids::UserId;
use hookgate_core::role::Role;

use super::memory_state::{Memory, State};

impl State {
    pub(super) fn create_role(&mut self, role: Role) -> StoreResult<()> {
        if self.roles.contains(&role.name) {
            return Err(Conflict::RoleExists.into());
        }
        self.roles.put(role.name.clone(), role);
        Ok(())
    }

    pub(super) fn ensure_role(&mut self, name: String) {
        if !self.roles.contains(&name) {
            self.roles.put(name.clone(), Role { name, permissions: BTreeSet::new() });
        }
    }

    pub(super) fn delete_role(&mut self, name: &String) -> StoreResult<()> {
        if self.roles.remove(name).is_none() {
            return Err(Conflict::RoleMissing.into());
        }
        self.user_roles.remove_where(usize::MAX, |(_, role), ()| role == name);
        Ok(())
    }

    pub(super) fn add_permissions(
        &mut self,
        name: &String,
        permissions: BTreeSet<String>,
    ) -> StoreResult<()> {
        self.change_permissions(name, |held| held.extend(permissions))
    }

    pub(super) fn remove_permissions(
        &mut self,
        name: &String,
        permissions: &BTreeSet<String>,
    ) -> StoreResult<()> {
        self.change_permissions(name, |held| held.retain(|permission| !permissions.contains(permission)))
    }

    fn change_permissions(
        &mut self,
        name: &String,
        change: impl FnOnce(&mut BTreeSet<String>),
    ) -> StoreResult<()> {
        if self.roles.update(name, |role| change(&mut role.permissions)) {
            Ok(())
        } else {
            Err(Conflict::RoleMissing.into())
        }
    }

    pub(super) fn assign_role(&mut self, user: UserId, role: String) -> StoreResult<()> {
        if !self.roles.contains(&role) {
            return Err(Conflict::RoleMissing.into());
        }
        self.require_user(&user)?;
        self.user_roles.put((user, role), ());
        Ok(())
    }

    pub(super) fn revoke_role(&mut self, user: UserId, role: String) -> StoreResult<()> {
        self.user_roles.remove(&(user, role));
        Ok(())
    }
}

#[async_trait]
impl RoleAdapter for Memory {
    async fn create_role(&self, role: Role) -> StoreResult<()> {
        self.commit(vec![Change::CreateRole(role)]).await
    }

    async fn get_role(&self, name: &str) -> StoreResult<Option<Role>> {
        self.look(|state| state.roles.get(&name.to_owned()).cloned())
    }

    async fn list_roles(&self) -> StoreResult<Vec<Role>> {
        self.look(|state| state.roles.values().cloned().collect())
    }

    async fn delete_role(&self, name: &str) -> StoreResult<()> {
        self.commit(vec![Change::DeleteRole(name.to_owned())]).await
    }

    async fn add_permissions(&self, name: &str, permissions: BTreeSet<String>) -> StoreResult<()> {
        self.commit(vec![Change::AddPermissions { role: name.to_owned(), permissions }]).await
    }

    async fn remove_permissions(&self, name: &str, permissions: BTreeSet<String>) -> StoreResult<()> {
        self.commit(vec![Change::RemovePermissions { role: name.to_owned(), permissions }]).await
    }

    async fn assign_role(&self, user: &UserId, name: &str) -> StoreResult<()> {
        self.commit(vec![Change::AssignRole { user: user.clone(), role: name.to_owned() }]).await
    }

    async fn revoke_role(&self, user: &UserId, name: &str) -> StoreResult<()> {
        self.commit(vec![Change::RevokeRole { user: user.clone(), role: name.to_owned() }]).await
    }

    async fn get_user_roles(&self, user: &UserId) -> StoreResult<Vec<Role>> {
        self.look(|state| {
            state
                .user_roles
                .keys()
                .filter(|(holder, _)| holder == user)
                .filter_map(|(_, role)| state.roles.get(role).cloned())
                .collect()
        })
    }
}
