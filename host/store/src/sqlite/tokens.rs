//! Refresh and one-time tokens in SQLite.

use async_trait::async_trait;
use hookgate_core::adapters::{Change, Conflict, StoreResult, TokenAdapter, Transactions as _};
use hookgate_core::clock::Timestamp;
use hookgate_core::ids::{SessionId, UserId};
use hookgate_core::token::{Token, TokenKey, TokenKind};
use hookgate_core::user::User;
use rusqlite::{Connection, Row, params};

use super::apply_error::{Applied, is_constraint};
use super::database::Database;
use super::row::{execute, find, json, sql_limit};
use super::users;

const GET: &str = "
    SELECT user_id, session_id, data, created_at, expires_at
    FROM tokens WHERE key = ?1 AND kind = ?2 AND expires_at > ?3";

const GET_WITH_USER: &str = "
    SELECT t.user_id, t.session_id, t.data, t.created_at, t.expires_at,
           u.id, u.email, u.name, u.image, u.email_verified, u.is_active, u.created_at, u.updated_at,
           u.deleted_at
    FROM tokens t JOIN users u ON u.id = t.user_id
    WHERE t.key = ?1 AND t.kind = ?2 AND t.expires_at > ?3";

const GET_OF_SESSION: &str = "
    SELECT user_id, session_id, data, created_at, expires_at, key
    FROM tokens WHERE session_id = ?1 AND kind = ?2 AND expires_at > ?3 LIMIT 1";

const TAKE: &str = "
    DELETE FROM tokens WHERE key = ?1 AND kind = ?2 AND expires_at > ?3
    RETURNING user_id, session_id, data, created_at, expires_at";

const CONSUME: &str = "DELETE FROM tokens WHERE key = ?1 AND kind = ?2 AND expires_at > ?3";

const UPSERT: &str = "
    INSERT INTO tokens (key, kind, user_id, session_id, data, created_at, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, user_id = excluded.user_id,
        session_id = excluded.session_id, data = excluded.data, created_at = excluded.created_at,
        expires_at = excluded.expires_at";

const DELETE: &str = "DELETE FROM tokens WHERE key = ?1";

const DELETE_OF_USER: &str = "DELETE FROM tokens WHERE user_id = ?1";

const DELETE_KIND_OF_USER: &str = "DELETE FROM tokens WHERE user_id = ?1 AND kind = ?2";

const CLEAN_UP: &str = "
    DELETE FROM tokens WHERE key IN
        (SELECT key FROM tokens WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";

/// How many columns [`from_row`] reads.
const COLUMNS: usize = 5;

fn from_row(row: &Row<'_>, key: TokenKey, kind: TokenKind) -> rusqlite::Result<Token> {
    Ok(Token {
        key,
        kind,
        user_id: UserId(row.get(0)?),
        session_id: row.get::<_, Option<String>>(1)?.map(SessionId),
        data: json(row, 2)?,
        created_at: Timestamp(row.get(3)?),
        expires_at: Timestamp(row.get(4)?),
    })
}

pub(super) fn create(connection: &Connection, token: &Token) -> Applied {
    let data = serde_json::to_string(&token.data)?;
    let inserted = execute(
        connection,
        UPSERT,
        params![
            token.key.0,
            token.kind.as_str(),
            token.user_id.as_str(),
            token.session_id.as_ref().map(SessionId::as_str),
            data,
            token.created_at.0,
            token.expires_at.0,
        ],
    );
    match inserted {
        // The key is taken care of, so it is one of the two references.
        Err(error) if is_constraint(&error) => {
            users::require(connection, &token.user_id)?;
            Err(Conflict::SessionMissing.into())
        }
        other => Ok(other.map(drop)?),
    }
}

pub(super) fn consume(connection: &Connection, key: &TokenKey, kind: TokenKind, now: Timestamp) -> Applied {
    if execute(connection, CONSUME, params![key.0, kind.as_str(), now.0])? == 0 {
        return Err(Conflict::TokenSpent.into());
    }
    Ok(())
}

pub(super) fn delete(connection: &Connection, key: &TokenKey) -> Applied {
    execute(connection, DELETE, [key.0])?;
    Ok(())
}

pub(super) fn delete_of_user(connection: &Connection, user: &UserId, kind: Option<TokenKind>) -> Applied {
    match kind {
        Some(kind) => execute(connection, DELETE_KIND_OF_USER, [user.as_str(), kind.as_str()])?,
        None => execute(connection, DELETE_OF_USER, [user.as_str()])?,
    };
    Ok(())
}

#[async_trait]
impl TokenAdapter for Database {
    async fn create_token(&self, token: Token) -> StoreResult<()> {
        self.commit(vec![Change::CreateToken(token)]).await
    }

    async fn get_token(&self, key: &TokenKey, kind: TokenKind, now: Timestamp) -> StoreResult<Option<Token>> {
        let key = *key;
        self.read(move |connection| {
            find(connection, GET, params![key.0, kind.as_str(), now.0], |row| from_row(row, key, kind))
        })
        .await
    }

    async fn get_token_with_user(
        &self,
        key: &TokenKey,
        kind: TokenKind,
        now: Timestamp,
    ) -> StoreResult<Option<(Token, User)>> {
        let key = *key;
        self.read(move |connection| {
            find(connection, GET_WITH_USER, params![key.0, kind.as_str(), now.0], |row| {
                Ok((from_row(row, key, kind)?, users::from_row(row, COLUMNS)?))
            })
        })
        .await
    }

    async fn get_session_token(
        &self,
        session: &SessionId,
        kind: TokenKind,
        now: Timestamp,
    ) -> StoreResult<Option<Token>> {
        let session = session.clone();
        self.read(move |connection| {
            find(connection, GET_OF_SESSION, params![session.as_str(), kind.as_str(), now.0], |row| {
                from_row(row, TokenKey(row.get(COLUMNS)?), kind)
            })
        })
        .await
    }

    async fn consume_token(
        &self,
        key: &TokenKey,
        kind: TokenKind,
        now: Timestamp,
    ) -> StoreResult<Option<Token>> {
        let key = *key;
        self.write(move |connection| {
            Ok(find(connection, TAKE, params![key.0, kind.as_str(), now.0], |row| from_row(row, key, kind))?)
        })
        .await
    }

    async fn delete_token(&self, key: &TokenKey) -> StoreResult<()> {
        self.commit(vec![Change::DeleteToken(*key)]).await
    }

    async fn delete_user_tokens(&self, user: &UserId, kind: Option<TokenKind>) -> StoreResult<()> {
        self.commit(vec![Change::DeleteUserTokens { user: user.clone(), kind }]).await
    }

    async fn cleanup_expired_tokens(&self, now: Timestamp, limit: usize) -> StoreResult<usize> {
        let limit = sql_limit(limit);
        self.write(move |connection| Ok(execute(connection, CLEAN_UP, params![now.0, limit])?)).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::query_plan::assert_indexed;
    use super::*;

    #[test]
    fn tokens_are_found_by_index() {
        assert_indexed(&[
            GET,
            GET_WITH_USER,
            GET_OF_SESSION,
            TAKE,
            CONSUME,
            UPSERT,
            DELETE,
            DELETE_OF_USER,
            DELETE_KIND_OF_USER,
            CLEAN_UP,
        ]);
    }
}
