//! Failed sign-ins in SQLite. What a failure makes of a record is decided in [`crate::lockout`].

use std::collections::BTreeSet;

use async_trait::async_trait;
use hookgate_core::adapters::{
    Change, LockoutRule, LoginAttemptAdapter, LoginAttempts, StoreResult, Transactions as _,
};
use hookgate_core::clock::Timestamp;
use rusqlite::{Connection, Row, params};

use super::apply_error::Applied;
use super::database::Database;
use super::row::{execute, find, sql_limit};
use crate::lockout::{self, AttemptRecord};

const GET: &str = "SELECT failures, locked_until, expires_at FROM login_attempts WHERE key = ?1";

const UPSERT: &str = "
    INSERT INTO login_attempts (key, failures, locked_until, expires_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, locked_until = excluded.locked_until,
        expires_at = excluded.expires_at";

const DELETE: &str = "DELETE FROM login_attempts WHERE key = ?1";

const CLEAN_UP: &str = "
    DELETE FROM login_attempts WHERE key IN
        (SELECT key FROM login_attempts WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";

fn from_row(row: &Row<'_>) -> rusqlite::Result<AttemptRecord> {
    Ok(AttemptRecord {
        failures: row.get(0)?,
        locked_until: row.get::<_, Option<i64>>(1)?.map(Timestamp),
        expires_at: Timestamp(row.get(2)?),
    })
}

pub(super) fn record_failure(
    connection: &Connection,
    keys: &[String],
    rule: LockoutRule,
    now: Timestamp,
) -> Applied<bool> {
    let mut locks = false;
    // A key that is named twice failed once.
    for key in keys.iter().collect::<BTreeSet<_>>() {
        let old = find(connection, GET, [key], from_row)?;
        if let Some(new) = AttemptRecord::after_failure(old, rule, now) {
            let locked_until = new.locked_until.map(|at| at.0);
            execute(connection, UPSERT, params![key, new.failures, locked_until, new.expires_at.0])?;
            locks |= locked_until.is_some() && keys.first() == Some(key);
        }
    }
    Ok(locks)
}

pub(super) fn clear(connection: &Connection, keys: &[String]) -> Applied {
    for key in keys {
        execute(connection, DELETE, [key])?;
    }
    Ok(())
}

#[async_trait]
impl LoginAttemptAdapter for Database {
    async fn get_attempts(&self, keys: &[String], now: Timestamp) -> StoreResult<LoginAttempts> {
        let keys = keys.to_vec();
        self.read(move |connection| {
            let mut records = Vec::with_capacity(keys.len());
            for key in &keys {
                records.extend(find(connection, GET, [key], from_row)?);
            }
            Ok(lockout::sum(records.into_iter(), now))
        })
        .await
    }

    async fn record_failure(&self, keys: &[String], rule: LockoutRule, now: Timestamp) -> StoreResult<bool> {
        let keys = keys.to_vec();
        self.write(move |connection| record_failure(connection, &keys, rule, now)).await
    }

    async fn clear_attempts(&self, keys: &[String]) -> StoreResult<()> {
        self.commit(vec![Change::ClearLoginAttempts(keys.to_vec())]).await
    }

    async fn cleanup_expired_attempts(&self, now: Timestamp, limit: usize) -> StoreResult<usize> {
        let limit = sql_limit(limit);
        self.write(move |connection| Ok(execute(connection, CLEAN_UP, params![now.0, limit])?)).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::query_plan::assert_indexed;
    use super::*;

    #[test]
    fn login_attempts_are_found_by_index() {
        assert_indexed(&[GET, UPSERT, DELETE, CLEAN_UP]);
    }
}
