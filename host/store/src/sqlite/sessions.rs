//! Sessions in SQLite. Their tokens go with them by the schema (`ON DELETE CASCADE`).

use async_trait::async_trait;
use hookgate_core::adapters::{Change, Conflict, SessionAdapter, StoreResult, Transactions as _};
use hookgate_core::clock::Timestamp;
use hookgate_core::ids::{SessionId, UserId};
use hookgate_core::session::Session;
use hookgate_core::token::TokenKey;
use hookgate_core::user::User;
use rusqlite::{Connection, Row, params};

use super::apply_error::{Applied, is_constraint};
use super::database::Database;
use super::row::{execute, find, json, list, sql_limit};
use super::users;

const GET: &str = "
    SELECT id, user_id, key, ip_address, user_agent, payload, created_at, expires_at
    FROM sessions WHERE id = ?1 AND expires_at > ?2";

const GET_WITH_USER: &str = "
    SELECT s.id, s.user_id, s.key, s.ip_address, s.user_agent, s.payload, s.created_at, s.expires_at,
           u.id, u.email, u.name, u.image, u.email_verified, u.is_active, u.created_at, u.updated_at,
           u.deleted_at
    FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ?1 AND s.expires_at > ?2";

const GET_BY_KEY: &str = "
    SELECT s.id, s.user_id, s.key, s.ip_address, s.user_agent, s.payload, s.created_at, s.expires_at,
           u.id, u.email, u.name, u.image, u.email_verified, u.is_active, u.created_at, u.updated_at,
           u.deleted_at
    FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.key = ?1 AND s.expires_at > ?2";

const LIST: &str = "
    SELECT id, user_id, key, ip_address, user_agent, payload, created_at, expires_at
    FROM sessions WHERE user_id = ?1 AND expires_at > ?2 ORDER BY created_at, rowid";

const INSERT: &str = "
    INSERT INTO sessions (id, user_id, key, ip_address, user_agent, payload, created_at, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const EXTEND: &str = "UPDATE sessions SET expires_at = ?2 WHERE id = ?1";

const DELETE: &str = "DELETE FROM sessions WHERE id = ?1";

const DELETE_OF_USER: &str = "DELETE FROM sessions WHERE user_id = ?1";

const CLEAN_UP: &str = "
    DELETE FROM sessions WHERE rowid IN
        (SELECT rowid FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";

/// How many columns [`from_row`] reads.
const COLUMNS: usize = 8;

fn from_row(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: SessionId(row.get(0)?),
        user_id: UserId(row.get(1)?),
        key: row.get::<_, Option<[u8; 32]>>(2)?.map(TokenKey),
        ip_address: row.get(3)?,
        user_agent: row.get(4)?,
        payload: json(row, 5)?,
        created_at: Timestamp(row.get(6)?),
        expires_at: Timestamp(row.get(7)?),
    })
}

pub(super) fn create(connection: &Connection, session: &Session) -> Applied {
    let payload = serde_json::to_string(&session.payload)?;
    let inserted = execute(
        connection,
        INSERT,
        params![
            session.id.as_str(),
            session.user_id.as_str(),
            session.key.map(|key| key.0),
            session.ip_address,
            session.user_agent,
            payload,
            session.created_at.0,
            session.expires_at.0,
        ],
    );
    match inserted {
        Err(error) if is_constraint(&error) => {
            users::require(connection, &session.user_id)?;
            // An id or a key that exists: random ones never do.
            Err(error.into())
        }
        other => Ok(other.map(drop)?),
    }
}

pub(super) fn extend(connection: &Connection, id: &SessionId, expires_at: Timestamp) -> Applied {
    if execute(connection, EXTEND, params![id.as_str(), expires_at.0])? == 0 {
        return Err(Conflict::SessionMissing.into());
    }
    Ok(())
}

pub(super) fn delete(connection: &Connection, id: &SessionId) -> Applied {
    execute(connection, DELETE, [id.as_str()])?;
    Ok(())
}

pub(super) fn delete_of_user(connection: &Connection, user: &UserId) -> Applied {
    execute(connection, DELETE_OF_USER, [user.as_str()])?;
    Ok(())
}

#[async_trait]
impl SessionAdapter for Database {
    async fn create_session(&self, session: Session) -> StoreResult<()> {
        self.commit(vec![Change::CreateSession(session)]).await
    }

    async fn get_session(&self, id: &SessionId, now: Timestamp) -> StoreResult<Option<Session>> {
        let id = id.clone();
        self.read(move |connection| find(connection, GET, params![id.as_str(), now.0], from_row)).await
    }

    async fn get_session_with_user(
        &self,
        id: &SessionId,
        now: Timestamp,
    ) -> StoreResult<Option<(Session, User)>> {
        let id = id.clone();
        self.read(move |connection| {
            find(connection, GET_WITH_USER, params![id.as_str(), now.0], |row| {
                Ok((from_row(row)?, users::from_row(row, COLUMNS)?))
            })
        })
        .await
    }

    async fn get_session_by_key(
        &self,
        key: &TokenKey,
        now: Timestamp,
    ) -> StoreResult<Option<(Session, User)>> {
        let key = *key;
        self.read(move |connection| {
            find(connection, GET_BY_KEY, params![key.0, now.0], |row| {
                Ok((from_row(row)?, users::from_row(row, COLUMNS)?))
            })
        })
        .await
    }

    async fn list_user_sessions(&self, user: &UserId, now: Timestamp) -> StoreResult<Vec<Session>> {
        let user = user.clone();
        self.read(move |connection| list(connection, LIST, params![user.as_str(), now.0], from_row)).await
    }

    async fn delete_session(&self, id: &SessionId) -> StoreResult<()> {
        self.commit(vec![Change::DeleteSession(id.clone())]).await
    }

    async fn delete_user_sessions(&self, user: &UserId) -> StoreResult<()> {
        self.commit(vec![Change::DeleteUserSessions(user.clone())]).await
    }

    async fn cleanup_expired_sessions(&self, now: Timestamp, limit: usize) -> StoreResult<usize> {
        let limit = sql_limit(limit);
        self.write(move |connection| Ok(execute(connection, CLEAN_UP, params![now.0, limit])?)).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::query_plan::assert_indexed;
    use super::*;

    #[test]
    fn sessions_are_found_by_index() {
        assert_indexed(&[GET, GET_WITH_USER, GET_BY_KEY, EXTEND, DELETE, DELETE_OF_USER, CLEAN_UP]);
    }
}
