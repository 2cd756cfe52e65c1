//! The outbox in SQLite.
//!
//! The rows of one recipient (a plugin, or the mail transport) and one user form a lane; its first live row
//! is the head and the only one that may be delivered. `is_head` is kept up to date by whoever changes a
//! lane, all of them in this file.

use async_trait::async_trait;
use hookgate_core::adapters::{Announcement, DeadDelivery, OutboxAdapter, OutboxStats, StoreResult};
use hookgate_core::event::{Delivery, Parcel};
use hookgate_core::ids::UserId;
use rusqlite::{Connection, Row, params};

use super::apply_error::Applied;
use super::database::Database;
use super::row::{execute, find, list, sql_limit};

const INSERT: &str = "
    INSERT INTO outbox (plugin, user_id, parcel, next_attempt_ms, created_ms, is_head)
    VALUES (?1, ?2, ?3, ?4, ?4,
            NOT EXISTS (SELECT 1 FROM outbox WHERE plugin = ?1 AND user_id = ?2 AND is_dead = 0))";

/// The recipient of letters. No plugin's name is empty: it is a file's name without its ending.
const MAIL: &str = "";

// Of more than fit, those that have been due the longest: none can be held up for ever by newer ones.
const DUE: &str = "
    SELECT id, plugin, parcel, attempts FROM outbox
    WHERE is_head = 1 AND next_attempt_ms <= ?1 ORDER BY next_attempt_ms, id LIMIT ?2";

const NEXT_DUE: &str =
    "SELECT next_attempt_ms FROM outbox WHERE is_head = 1 ORDER BY next_attempt_ms, id LIMIT 1";

const DELETE: &str = "DELETE FROM outbox WHERE id = ?1 RETURNING plugin, user_id";

const FAIL: &str = "
    UPDATE outbox SET attempts = attempts + 1, next_attempt_ms = ?2, last_error = ?3
    WHERE id = ?1 AND is_dead = 0";

const LANE: &str = "SELECT plugin, user_id FROM outbox WHERE id = ?1 AND is_dead = 0";

const GIVE_UP: &str = "UPDATE outbox SET is_dead = 1, is_head = 0, last_error = ?2 WHERE id = ?1";

// Changes nothing if the first one is the head already.
const PROMOTE: &str = "
    UPDATE outbox SET is_head = 1 WHERE id =
        (SELECT id FROM outbox WHERE plugin = ?1 AND user_id = ?2 AND is_dead = 0 ORDER BY id LIMIT 1)";

const LIST_DEAD: &str = "
    SELECT id, plugin, parcel, attempts, last_error, created_ms FROM outbox
    WHERE is_dead = 1 AND id > ?1 ORDER BY id LIMIT ?2";

const DEMOTE: &str = "UPDATE outbox SET is_head = 0 WHERE plugin = ?1 AND user_id = ?2 AND is_dead = 0";

const REVIVE: &str = "
    UPDATE outbox SET is_dead = 0, attempts = 0, next_attempt_ms = ?2, last_error = NULL
    WHERE id = ?1 AND is_dead = 1 RETURNING plugin, user_id";

const PENDING: &str = "SELECT COUNT(*), MIN(created_ms) FROM outbox WHERE is_dead = 0";

const DEAD: &str = "SELECT COUNT(*) FROM outbox WHERE is_dead = 1";

/// The plugin and the user whose lane a row stands in.
type Lane = [String; 2];

fn lane(row: &Row<'_>) -> rusqlite::Result<Lane> {
    Ok([row.get(0)?, row.get(1)?])
}

/// Makes the first live row of a lane its head, after a row has left it.
fn promote(connection: &Connection, lane: Lane) -> rusqlite::Result<()> {
    execute(connection, PROMOTE, lane).map(drop)
}

/// The event is due from the time of its request on, that is at once.
pub(super) fn enqueue(connection: &Connection, announcement: &Announcement) -> Applied {
    let Announcement { event, plugins } = announcement;
    let json = serde_json::to_string(event)?;
    for plugin in plugins {
        execute(connection, INSERT, params![plugin, event.user.id.as_str(), json, event.request.time_ms])?;
    }
    Ok(())
}

/// The letter is due at once.
pub(super) fn post(connection: &Connection, user: &UserId, letter: &str, now_ms: i64) -> Applied {
    execute(connection, INSERT, params![MAIL, user.as_str(), letter, now_ms])?;
    Ok(())
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let plugin: String = row.get(1)?;
    let parcel = if plugin == MAIL {
        Parcel::Letter(row.get(2)?)
    } else {
        Parcel::Event { plugin, event: Box::new(super::row::json(row, 2)?) }
    };
    Ok(Delivery { id: row.get(0)?, parcel, attempts: row.get(3)? })
}

fn remove(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    match find(connection, DELETE, [id], lane)? {
        Some(lane) => promote(connection, lane),
        None => Ok(()),
    }
}

fn give_up(connection: &Connection, id: i64, error: &str) -> rusqlite::Result<()> {
    let Some(lane) = find(connection, LANE, [id], lane)? else {
        return Ok(());
    };
    execute(connection, GIVE_UP, params![id, error])?;
    promote(connection, lane)
}

/// The row comes back to its old place in its lane, which may be before the present head.
fn revive(connection: &Connection, id: i64, now_ms: i64) -> rusqlite::Result<bool> {
    let Some(lane) = find(connection, REVIVE, params![id, now_ms], lane)? else {
        return Ok(false);
    };
    execute(connection, DEMOTE, lane.clone())?;
    promote(connection, lane)?;
    Ok(true)
}

fn dead_delivery(row: &Row<'_>) -> rusqlite::Result<DeadDelivery> {
    Ok(DeadDelivery {
        delivery: delivery(row)?,
        error: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
        created_ms: row.get(5)?,
    })
}

#[async_trait]
impl OutboxAdapter for Database {
    async fn due_deliveries(&self, now_ms: i64, limit: usize) -> StoreResult<Vec<Delivery>> {
        let limit = sql_limit(limit);
        let mut due =
            self.read(move |connection| list(connection, DUE, params![now_ms, limit], delivery)).await?;
        due.sort_unstable_by_key(|delivery| delivery.id);
        Ok(due)
    }

    async fn next_due_ms(&self) -> StoreResult<Option<i64>> {
        self.read(|connection| find(connection, NEXT_DUE, [], |row| row.get(0))).await
    }

    async fn mark_delivered(&self, ids: &[i64]) -> StoreResult<()> {
        let ids = ids.to_vec();
        self.write(move |connection| Ok(ids.iter().try_for_each(|id| remove(connection, *id))?)).await
    }

    async fn mark_failed(&self, id: i64, next_attempt_ms: i64, error: &str) -> StoreResult<()> {
        let error = error.to_owned();
        self.write(move |connection| {
            execute(connection, FAIL, params![id, next_attempt_ms, error])?;
            Ok(())
        })
        .await
    }

    async fn mark_dead(&self, id: i64, error: &str) -> StoreResult<()> {
        let error = error.to_owned();
        self.write(move |connection| Ok(give_up(connection, id, &error)?)).await
    }

    async fn list_dead(&self, after: i64, limit: usize) -> StoreResult<Vec<DeadDelivery>> {
        let limit = sql_limit(limit);
        self.read(move |connection| list(connection, LIST_DEAD, params![after, limit], dead_delivery)).await
    }

    async fn revive(&self, ids: &[i64], now_ms: i64) -> StoreResult<usize> {
        let ids = ids.to_vec();
        self.write(move |connection| {
            let mut revived = 0;
            for id in &ids {
                revived += usize::from(revive(connection, *id, now_ms)?);
            }
            Ok(revived)
        })
        .await
    }

    async fn outbox_stats(&self) -> StoreResult<OutboxStats> {
        self.read(|connection| {
            let (pending, oldest_pending_ms): (i64, _) =
                connection.prepare_cached(PENDING)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let dead: i64 = connection.prepare_cached(DEAD)?.query_row([], |row| row.get(0))?;
            Ok(OutboxStats { pending: pending.unsigned_abs(), dead: dead.unsigned_abs(), oldest_pending_ms })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::super::query_plan::{assert_indexed, explain};
    use super::*;

    #[test]
    fn a_long_outbox_is_as_quick_as_a_short_one() {
        assert_indexed(&[INSERT, DUE, DELETE, FAIL, LANE, GIVE_UP, PROMOTE, LIST_DEAD, DEMOTE, REVIVE]);
        // The first entry of the index, and no sorting before it.
        assert_eq!(explain(NEXT_DUE), ["SCAN outbox USING COVERING INDEX outbox_heads"]);
    }

    #[test]
    fn statistics_leave_the_table_alone() {
        for sql in [PENDING, DEAD] {
            let plan = explain(sql);
            assert!(plan.iter().all(|step| step.contains("USING COVERING INDEX")), "{sql}: {plan:?}");
        }
    }
}
