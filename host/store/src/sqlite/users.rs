//! Users in SQLite.

use async_trait::async_trait;
use hookgate_core::adapters::{Change, Conflict, StoreResult, Transactions as _, UserAdapter};
use hookgate_core::clock::Timestamp;
use hookgate_core::ids::UserId;
use hookgate_core::user::{Credentials, User, UserPatch};
use rusqlite::{Connection, Row, params};

use super::apply_error::{Applied, is_constraint};
use super::database::Database;
use super::row::{execute, exists, find, list, sql_limit};

const EXISTS: &str = "SELECT 1 FROM users WHERE id = ?1";

const EMAIL_EXISTS: &str = "SELECT 1 FROM users WHERE email = ?1";

const BY_ID: &str = "
    SELECT id, email, name, image, email_verified, is_active, created_at, updated_at, deleted_at
    FROM users WHERE id = ?1";

const BY_EMAIL: &str = "
    SELECT id, email, name, image, email_verified, is_active, created_at, updated_at, deleted_at,
           password_hash
    FROM users WHERE email = ?1";

const PASSWORD_HASH: &str = "SELECT password_hash FROM users WHERE id = ?1";

const FIRST_PAGE: &str = "
    SELECT id, email, name, image, email_verified, is_active, created_at, updated_at, deleted_at
    FROM users ORDER BY id LIMIT ?1";

const NEXT_PAGE: &str = "
    SELECT id, email, name, image, email_verified, is_active, created_at, updated_at, deleted_at
    FROM users WHERE id > ?2 ORDER BY id LIMIT ?1";

const INSERT: &str = "
    INSERT INTO users (id, email, name, image, email_verified, is_active, created_at, updated_at,
                       deleted_at, password_hash)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

const UPDATE: &str = "
    UPDATE users SET email = coalesce(?2, email), name = coalesce(?3, name),
                     image = coalesce(?4, image), email_verified = coalesce(?5, email_verified),
                     is_active = coalesce(?6, is_active), updated_at = ?7
    WHERE id = ?1";

const SET_PASSWORD: &str = "UPDATE users SET password_hash = ?2, updated_at = ?3 WHERE id = ?1";

const MARK_DELETED: &str = "UPDATE users SET is_active = 0, deleted_at = ?2, updated_at = ?2 WHERE id = ?1";

const DELETE: &str = "DELETE FROM users WHERE id = ?1";

/// How many columns [`from_row`] reads.
pub(super) const COLUMNS: usize = 9;

/// A user in the columns from `first` on.
pub(super) fn from_row(row: &Row<'_>, first: usize) -> rusqlite::Result<User> {
    Ok(User {
        id: UserId(row.get(first)?),
        email: row.get(first + 1)?,
        name: row.get(first + 2)?,
        image: row.get(first + 3)?,
        email_verified: row.get(first + 4)?,
        is_active: row.get(first + 5)?,
        created_at: Timestamp(row.get(first + 6)?),
        updated_at: Timestamp(row.get(first + 7)?),
        deleted_at: row.get::<_, Option<i64>>(first + 8)?.map(Timestamp),
    })
}

/// Fails if there is no such user.
pub(super) fn require(connection: &Connection, id: &UserId) -> Applied {
    if exists(connection, EXISTS, [id.as_str()])? { Ok(()) } else { Err(Conflict::UserMissing.into()) }
}

pub(super) fn create(connection: &Connection, user: &User, password_hash: Option<&str>) -> Applied {
    let inserted = execute(
        connection,
        INSERT,
        params![
            user.id.as_str(),
            user.email,
            user.name,
            user.image,
            user.email_verified,
            user.is_active,
            user.created_at.0,
            user.updated_at.0,
            user.deleted_at.map(|at| at.0),
            password_hash,
        ],
    );
    email_conflict(connection, &user.email, inserted).map(drop)
}

pub(super) fn update(connection: &Connection, id: &UserId, patch: &UserPatch, now: Timestamp) -> Applied {
    let updated = execute(
        connection,
        UPDATE,
        params![
            id.as_str(),
            patch.email,
            patch.name,
            patch.image,
            patch.email_verified,
            patch.is_active,
            now.0,
        ],
    );
    let email = patch.email.as_deref().unwrap_or_default();
    found(email_conflict(connection, email, updated)?)
}

pub(super) fn set_password(
    connection: &Connection,
    id: &UserId,
    hash: Option<&str>,
    now: Timestamp,
) -> Applied {
    found(execute(connection, SET_PASSWORD, params![id.as_str(), hash, now.0])?)
}

pub(super) fn mark_deleted(connection: &Connection, id: &UserId, now: Timestamp) -> Applied {
    found(execute(connection, MARK_DELETED, params![id.as_str(), now.0])?)
}

pub(super) fn delete(connection: &Connection, id: &UserId) -> Applied {
    found(execute(connection, DELETE, [id.as_str()])?)
}

fn found(rows: usize) -> Applied {
    if rows == 0 { Err(Conflict::UserMissing.into()) } else { Ok(()) }
}

/// Tells a taken address from other failures.
fn email_conflict(connection: &Connection, email: &str, result: rusqlite::Result<usize>) -> Applied<usize> {
    match result {
        Err(error) if is_constraint(&error) && exists(connection, EMAIL_EXISTS, [email])? => {
            Err(Conflict::EmailTaken.into())
        }
        other => Ok(other?),
    }
}

#[async_trait]
impl UserAdapter for Database {
    async fn create_user(&self, user: User, password_hash: Option<String>) -> StoreResult<()> {
        self.commit(vec![Change::CreateUser { user, password_hash }]).await
    }

    async fn get_user_by_id(&self, id: &UserId) -> StoreResult<Option<User>> {
        let id = id.clone();
        self.read(move |connection| find(connection, BY_ID, [id.as_str()], |row| from_row(row, 0))).await
    }

    async fn get_user_by_email(&self, email: &str) -> StoreResult<Option<User>> {
        let email = email.to_owned();
        self.read(move |connection| find(connection, BY_EMAIL, [email], |row| from_row(row, 0))).await
    }

    async fn get_credentials_by_email(&self, email: &str) -> StoreResult<Option<Credentials>> {
        let email = email.to_owned();
        self.read(move |connection| {
            find(connection, BY_EMAIL, [email], |row| {
                Ok(Credentials { user: from_row(row, 0)?, password_hash: row.get(COLUMNS)? })
            })
        })
        .await
    }

    async fn get_hashed_password(&self, id: &UserId) -> StoreResult<Option<String>> {
        let id = id.clone();
        self.read(move |connection| find(connection, PASSWORD_HASH, [id.as_str()], |row| row.get(0)))
            .await
            .map(Option::flatten)
    }

    async fn list_users(&self, after: Option<&UserId>, limit: usize) -> StoreResult<Vec<User>> {
        let after = after.cloned();
        let limit = sql_limit(limit);
        self.read(move |connection| match after {
            Some(after) => {
                list(connection, NEXT_PAGE, params![limit, after.as_str()], |row| from_row(row, 0))
            }
            None => list(connection, FIRST_PAGE, [limit], |row| from_row(row, 0)),
        })
        .await
    }

    async fn update_user(&self, id: &UserId, patch: UserPatch, now: Timestamp) -> StoreResult<()> {
        self.commit(vec![Change::UpdateUser { id: id.clone(), patch, now }]).await
    }

    async fn set_hashed_password(
        &self,
        id: &UserId,
        hash: Option<String>,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.commit(vec![Change::SetPassword { id: id.clone(), hash, now }]).await
    }

    async fn delete_user(&self, id: &UserId, soft: bool, now: Timestamp) -> StoreResult<()> {
        self.commit(vec![Change::DeleteUser { id: id.clone(), soft, now }]).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::query_plan::assert_indexed;
    use super::*;

    #[test]
    fn users_are_found_by_index() {
        assert_indexed(&[
            EXISTS,
            EMAIL_EXISTS,
            BY_ID,
            BY_EMAIL,
            PASSWORD_HASH,
            NEXT_PAGE,
            UPDATE,
            SET_PASSWORD,
            MARK_DELETED,
            DELETE,
        ]);
    }
}
