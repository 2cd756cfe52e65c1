//! What plugins remember, in SQLite. What a change makes of an entry is decided in [`KvChange::on`].

use async_trait::async_trait;
use hookgate_core::adapters::{
    KvAnswer, KvChange, KvEffect, KvEntry, KvError, KvQuota, KvUsage, PluginKvAdapter, StoreResult,
};
use rusqlite::{Connection, Row, params};

use super::apply_error::Applied;
use super::database::Database;
use super::row::{execute, find, sql_limit};

const GET: &str = "SELECT value, expires_ms FROM plugin_kv WHERE plugin = ?1 AND key = ?2";

const PUT: &str = "
    INSERT INTO plugin_kv (plugin, key, value, expires_ms) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (plugin, key) DO UPDATE SET value = excluded.value, expires_ms = excluded.expires_ms";

const DELETE: &str = "DELETE FROM plugin_kv WHERE plugin = ?1 AND key = ?2";

const USAGE: &str = "SELECT entries, bytes FROM plugin_kv_usage WHERE plugin = ?1";

const MAKE_ROOM: &str = "DELETE FROM plugin_kv WHERE plugin = ?1 AND expires_ms <= ?2";

const CLEAN_UP: &str = "
    DELETE FROM plugin_kv WHERE rowid IN
        (SELECT rowid FROM plugin_kv WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2)";

fn entry(row: &Row<'_>) -> rusqlite::Result<KvEntry> {
    Ok(KvEntry { value: row.get(0)?, expires_ms: row.get(1)? })
}

fn usage(connection: &Connection, plugin: &str) -> rusqlite::Result<KvUsage> {
    let row = |row: &Row<'_>| {
        let count = |column| row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or(0));
        Ok(KvUsage { entries: count(0)?, bytes: count(1)? })
    };
    Ok(find(connection, USAGE, [plugin], row)?.unwrap_or_default())
}

/// The one key of one plugin that is changed.
struct Place {
    plugin: String,
    key: String,
}

impl Place {
    fn change(
        &self,
        connection: &Connection,
        change: KvChange,
        quota: KvQuota,
        now_ms: i64,
    ) -> Applied<Result<KvAnswer, KvError>> {
        let Self { plugin, key } = self;
        let mut old = find(connection, GET, [plugin, key], entry)?;
        let live = old.as_ref().filter(|entry| entry.is_live(now_ms));
        let (effect, answer) = match change.on(live) {
            Ok(decided) => decided,
            Err(error) => return Ok(Err(error)),
        };
        match effect {
            KvEffect::Keep => {}
            KvEffect::Remove => {
                execute(connection, DELETE, [plugin, key])?;
            }
            KvEffect::Put(entry) => {
                let mut fits = self.fits(connection, old.as_ref(), &entry, quota)?;
                if fits.is_err() && execute(connection, MAKE_ROOM, params![plugin, now_ms])? > 0 {
                    old = find(connection, GET, [plugin, key], self::entry)?;
                    fits = self.fits(connection, old.as_ref(), &entry, quota)?;
                }
                if let Err(error) = fits {
                    return Ok(Err(error));
                }
                execute(connection, PUT, params![plugin, key, entry.value, entry.expires_ms])?;
            }
        }
        Ok(Ok(answer))
    }

    fn fits(
        &self,
        connection: &Connection,
        old: Option<&KvEntry>,
        new: &KvEntry,
        quota: KvQuota,
    ) -> rusqlite::Result<Result<(), KvError>> {
        let before = usage(connection, &self.plugin)?;
        let without = old.map_or(before, |old| before.minus(&self.key, &old.value));
        Ok(quota.check(before, without.plus(&self.key, &new.value)))
    }
}

#[async_trait]
impl PluginKvAdapter for Database {
    async fn kv_get(&self, plugin: &str, key: &str, now_ms: i64) -> StoreResult<Option<Vec<u8>>> {
        let (plugin, key) = (plugin.to_owned(), key.to_owned());
        let found = self.read(move |connection| find(connection, GET, [plugin, key], entry)).await?;
        Ok(found.filter(|entry| entry.is_live(now_ms)).map(|entry| entry.value))
    }

    async fn kv_change(
        &self,
        plugin: &str,
        key: &str,
        change: KvChange,
        quota: KvQuota,
        now_ms: i64,
    ) -> Result<KvAnswer, KvError> {
        let place = Place { plugin: plugin.to_owned(), key: key.to_owned() };
        self.write(move |connection| place.change(connection, change, quota, now_ms)).await?
    }

    async fn kv_usage(&self, plugin: &str) -> StoreResult<KvUsage> {
        let plugin = plugin.to_owned();
        self.read(move |connection| usage(connection, &plugin)).await
    }

    async fn cleanup_expired_kv(&self, now_ms: i64, limit: usize) -> StoreResult<usize> {
        let limit = sql_limit(limit);
        self.write(move |connection| Ok(execute(connection, CLEAN_UP, params![now_ms, limit])?)).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::query_plan::assert_indexed;
    use super::*;

    #[test]
    fn entries_are_found_by_index() {
        assert_indexed(&[GET, PUT, DELETE, USAGE, MAKE_ROOM, CLEAN_UP]);
    }
}
