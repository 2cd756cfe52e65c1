//! Short-lived state by key in SQLite.

use async_trait::async_trait;
use hookgate_core::adapters::{SessionBackend, StoreResult};
use hookgate_core::clock::Timestamp;
use rusqlite::params;
use serde_json::Value;

use super::database::Database;
use super::row::{execute, exists, find, json, sql_limit};

const READ: &str = "SELECT value FROM state WHERE key = ?1 AND expires_at > ?2";

const EXISTS: &str = "SELECT 1 FROM state WHERE key = ?1 AND expires_at > ?2";

const TAKE: &str = "DELETE FROM state WHERE key = ?1 AND expires_at > ?2 RETURNING value";

const WRITE: &str = "
    INSERT INTO state (key, value, expires_at) VALUES (?1, ?2, ?3)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at";

const DELETE: &str = "DELETE FROM state WHERE key = ?1";

const CLEAN_UP: &str = "
    DELETE FROM state WHERE rowid IN
        (SELECT rowid FROM state WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";

#[async_trait]
impl SessionBackend for Database {
    async fn read(&self, key: &str, now: Timestamp) -> StoreResult<Option<Value>> {
        let key = key.to_owned();
        Self::read(self, move |connection| {
            find(connection, READ, params![key, now.0], |row| json::<Value>(row, 0))
        })
        .await
    }

    async fn write(&self, key: &str, value: Value, expires_at: Timestamp) -> StoreResult<()> {
        let key = key.to_owned();
        Self::write(self, move |connection| {
            let value = serde_json::to_string(&value)?;
            execute(connection, WRITE, params![key, value, expires_at.0])?;
            Ok(())
        })
        .await
    }

    async fn delete(&self, key: &str) -> StoreResult<()> {
        let key = key.to_owned();
        Self::write(self, move |connection| Ok(execute(connection, DELETE, [key]).map(drop)?)).await
    }

    async fn exists(&self, key: &str, now: Timestamp) -> StoreResult<bool> {
        let key = key.to_owned();
        Self::read(self, move |connection| exists(connection, EXISTS, params![key, now.0])).await
    }

    async fn take(&self, key: &str, now: Timestamp) -> StoreResult<Option<Value>> {
        let key = key.to_owned();
        Self::write(self, move |connection| {
            Ok(find(connection, TAKE, params![key, now.0], |row| json::<Value>(row, 0))?)
        })
        .await
    }

    async fn cleanup_expired_state(&self, now: Timestamp, limit: usize) -> StoreResult<usize> {
        let limit = sql_limit(limit);
        Self::write(self, move |connection| Ok(execute(connection, CLEAN_UP, params![now.0, limit])?)).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::query_plan::assert_indexed;
    use super::*;

    #[test]
    fn values_are_found_by_index() {
        assert_indexed(&[READ, EXISTS, TAKE, WRITE, DELETE, CLEAN_UP]);
    }
}
