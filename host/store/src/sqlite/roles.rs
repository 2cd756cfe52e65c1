//! Roles, their permissions and their holders in SQLite.

use std::collections::BTreeSet;

use async_trait::async_trait;
use hookgate_core::adapters::{Change, Conflict, RoleAdapter, StoreResult, Transactions as _};
use hookgate_core::ids::UserId;
use hookgate_core::role::Role;
use rusqlite::{Connection, Params, params};

use super::apply_error::{Applied, is_constraint};
use super::database::Database;
use super::row::{execute, exists};
use super::users;

const EXISTS: &str = "SELECT 1 FROM roles WHERE name = ?1";

// One row for each permission, or one with NULL for a role that has none.
const GET: &str = "
    SELECT r.name, p.permission FROM roles r LEFT JOIN role_permissions p ON p.role = r.name
    WHERE r.name = ?1 ORDER BY r.name";

const LIST: &str = "
    SELECT r.name, p.permission FROM roles r LEFT JOIN role_permissions p ON p.role = r.name
    ORDER BY r.name";

const LIST_OF_USER: &str = "
    SELECT h.role, p.permission FROM user_roles h LEFT JOIN role_permissions p ON p.role = h.role
    WHERE h.user_id = ?1 ORDER BY h.role";

const INSERT: &str = "INSERT INTO roles (name) VALUES (?1) ON CONFLICT DO NOTHING";

const DELETE: &str = "DELETE FROM roles WHERE name = ?1";

const ADD_PERMISSION: &str =
    "INSERT INTO role_permissions (role, permission) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

const REMOVE_PERMISSION: &str = "DELETE FROM role_permissions WHERE role = ?1 AND permission = ?2";

const ASSIGN: &str = "INSERT INTO user_roles (user_id, role) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

const REVOKE: &str = "DELETE FROM user_roles WHERE user_id = ?1 AND role = ?2";

/// Roles from rows of names and permissions, in which the rows of a role follow each other.
fn collect(connection: &Connection, sql: &str, params: impl Params) -> rusqlite::Result<Vec<Role>> {
    let mut roles: Vec<Role> = Vec::new();
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        let name = row.get_ref(0)?.as_str()?;
        let permission: Option<String> = row.get(1)?;
        match roles.last_mut() {
            Some(role) if role.name == name => role.permissions.extend(permission),
            _ => {
                roles.push(Role { name: name.to_owned(), permissions: permission.into_iter().collect() });
            }
        }
    }
    Ok(roles)
}

fn require(connection: &Connection, name: &str) -> Applied {
    if exists(connection, EXISTS, [name])? { Ok(()) } else { Err(Conflict::RoleMissing.into()) }
}

pub(super) fn create(connection: &Connection, role: &Role) -> Applied {
    if execute(connection, INSERT, [&role.name])? == 0 {
        return Err(Conflict::RoleExists.into());
    }
    for permission in &role.permissions {
        execute(connection, ADD_PERMISSION, [&role.name, permission])?;
    }
    Ok(())
}

pub(super) fn ensure(connection: &Connection, name: &str) -> Applied {
    execute(connection, INSERT, [name])?;
    Ok(())
}

pub(super) fn delete(connection: &Connection, name: &str) -> Applied {
    if execute(connection, DELETE, [name])? == 0 {
        return Err(Conflict::RoleMissing.into());
    }
    Ok(())
}

pub(super) fn add_permissions(
    connection: &Connection,
    name: &str,
    permissions: &BTreeSet<String>,
) -> Applied {
    require(connection, name)?;
    for permission in permissions {
        execute(connection, ADD_PERMISSION, [name, permission])?;
    }
    Ok(())
}

pub(super) fn remove_permissions(
    connection: &Connection,
    name: &str,
    permissions: &BTreeSet<String>,
) -> Applied {
    require(connection, name)?;
    for permission in permissions {
        execute(connection, REMOVE_PERMISSION, [name, permission])?;
    }
    Ok(())
}

pub(super) fn assign(connection: &Connection, user: &UserId, name: &str) -> Applied {
    match execute(connection, ASSIGN, params![user.as_str(), name]) {
        Err(error) if is_constraint(&error) => {
            require(connection, name)?;
            users::require(connection, user)?;
            Err(error.into())
        }
        other => Ok(other.map(drop)?),
    }
}

pub(super) fn revoke(connection: &Connection, user: &UserId, name: &str) -> Applied {
    execute(connection, REVOKE, params![user.as_str(), name])?;
    Ok(())
}

#[async_trait]
impl RoleAdapter for Database {
    async fn create_role(&self, role: Role) -> StoreResult<()> {
        self.commit(vec![Change::CreateRole(role)]).await
    }

    async fn get_role(&self, name: &str) -> StoreResult<Option<Role>> {
        let name = name.to_owned();
        self.read(move |connection| collect(connection, GET, [name])).await.map(|mut roles| roles.pop())
    }

    async fn list_roles(&self) -> StoreResult<Vec<Role>> {
        self.read(|connection| collect(connection, LIST, [])).await
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
        let user = user.clone();
        self.read(move |connection| collect(connection, LIST_OF_USER, [user.as_str()])).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::query_plan::assert_indexed;
    use super::*;

    #[test]
    fn roles_are_found_by_index() {
        assert_indexed(&[
            EXISTS,
            GET,
            LIST_OF_USER,
            DELETE,
            ADD_PERMISSION,
            REMOVE_PERMISSION,
            ASSIGN,
            REVOKE,
        ]);
    }
}
