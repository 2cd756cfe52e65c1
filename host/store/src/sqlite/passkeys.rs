//! WebAuthn credentials in SQLite.

use async_trait::async_trait;
use hookgate_core::adapters::{Change, Conflict, PasskeyAdapter, StoreResult, Transactions as _};
use hookgate_core::clock::Timestamp;
use hookgate_core::ids::UserId;
use hookgate_core::passkey::{Passkey, PasskeyUse};
use rusqlite::{Connection, Row, params};

use super::apply_error::{Applied, is_constraint};
use super::database::Database;
use super::row::{execute, exists, find, list};
use super::users;

const EXISTS: &str = "SELECT 1 FROM passkeys WHERE id = ?1";

const GET: &str = "
    SELECT id, user_id, public_key, sign_count, aaguid, name, created_at, last_used_at, backup_eligible
    FROM passkeys WHERE id = ?1";

const LIST: &str = "
    SELECT id, user_id, public_key, sign_count, aaguid, name, created_at, last_used_at, backup_eligible
    FROM passkeys WHERE user_id = ?1 ORDER BY created_at, rowid";

const INSERT: &str = "
    INSERT INTO passkeys
        (id, user_id, public_key, sign_count, aaguid, name, created_at, last_used_at, backup_eligible)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

const UPDATE: &str = "
    UPDATE passkeys SET sign_count = ?2, last_used_at = ?3, backup_eligible = COALESCE(backup_eligible, ?4)
    WHERE id = ?1 AND (sign_count < ?2 OR (sign_count = 0 AND ?2 = 0))";

const DELETE: &str = "DELETE FROM passkeys WHERE id = ?1";

const DELETE_OF_USER: &str = "DELETE FROM passkeys WHERE user_id = ?1";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Passkey> {
    Ok(Passkey {
        id: row.get(0)?,
        user_id: UserId(row.get(1)?),
        public_key: row.get(2)?,
        sign_count: row.get(3)?,
        aaguid: row.get(4)?,
        name: row.get(5)?,
        created_at: Timestamp(row.get(6)?),
        last_used_at: row.get::<_, Option<i64>>(7)?.map(Timestamp),
        backup_eligible: row.get(8)?,
    })
}

pub(super) fn create(connection: &Connection, passkey: &Passkey) -> Applied {
    let inserted = execute(
        connection,
        INSERT,
        params![
            passkey.id,
            passkey.user_id.as_str(),
            passkey.public_key,
            passkey.sign_count,
            passkey.aaguid,
            passkey.name,
            passkey.created_at.0,
            passkey.last_used_at.map(|at| at.0),
            passkey.backup_eligible,
        ],
    );
    match inserted {
        Err(error) if is_constraint(&error) => {
            if exists(connection, EXISTS, [&passkey.id])? {
                return Err(Conflict::PasskeyExists.into());
            }
            users::require(connection, &passkey.user_id)?;
            Err(error.into())
        }
        other => Ok(other.map(drop)?),
    }
}

pub(super) fn update(connection: &Connection, id: &str, used: PasskeyUse, now: Timestamp) -> Applied {
    if execute(connection, UPDATE, params![id, used.sign_count, now.0, used.backup_eligible])? == 1 {
        return Ok(());
    }
    let is_there = exists(connection, EXISTS, [id])?;
    Err(if is_there { Conflict::PasskeyCounter } else { Conflict::PasskeyMissing }.into())
}

pub(super) fn delete(connection: &Connection, id: &str) -> Applied {
    execute(connection, DELETE, [id])?;
    Ok(())
}

pub(super) fn delete_of_user(connection: &Connection, user: &UserId) -> Applied {
    execute(connection, DELETE_OF_USER, [user.as_str()])?;
    Ok(())
}

#[async_trait]
impl PasskeyAdapter for Database {
    async fn create_passkey(&self, passkey: Passkey) -> StoreResult<()> {
        self.commit(vec![Change::CreatePasskey(passkey)]).await
    }

    async fn get_passkey(&self, id: &str) -> StoreResult<Option<Passkey>> {
        let id = id.to_owned();
        self.read(move |connection| find(connection, GET, [id], from_row)).await
    }

    async fn list_passkeys(&self, user: &UserId) -> StoreResult<Vec<Passkey>> {
        let user = user.clone();
        self.read(move |connection| list(connection, LIST, [user.as_str()], from_row)).await
    }

    async fn update_passkey(&self, id: &str, used: PasskeyUse, now: Timestamp) -> StoreResult<()> {
        self.commit(vec![Change::UpdatePasskey { id: id.to_owned(), used, now }]).await
    }

    async fn delete_passkey(&self, id: &str) -> StoreResult<()> {
        self.commit(vec![Change::DeletePasskey(id.to_owned())]).await
    }

    async fn delete_user_passkeys(&self, user: &UserId) -> StoreResult<()> {
        self.commit(vec![Change::DeleteUserPasskeys(user.clone())]).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::query_plan::assert_indexed;
    use super::*;

    #[test]
    fn passkeys_are_found_by_index() {
        assert_indexed(&[EXISTS, GET, UPDATE, DELETE, DELETE_OF_USER]);
    }
}
