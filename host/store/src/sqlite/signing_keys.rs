//! The server's own signing keys in SQLite.

use async_trait::async_trait;
use hookgate_core::adapters::{SigningKeyAdapter, StoreResult};
use hookgate_core::clock::Timestamp;
use hookgate_core::signing_key::SigningKey;
use hookgate_core::tokens::Algorithm;
use rusqlite::types::Type;
use rusqlite::{Row, params};

use super::database::Database;
use super::row::{execute, find, list};

// A handful of rows, read now and then.
const LIST: &str = "
    SELECT kid, algorithm, sealed, created_at, signs_from, longest_ttl FROM signing_keys ORDER BY number";

const NEWEST: &str = "SELECT kid FROM signing_keys ORDER BY number DESC LIMIT 1";

const INSERT: &str = "
    INSERT INTO signing_keys (kid, algorithm, sealed, created_at, signs_from, longest_ttl)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const RAISE: &str = "UPDATE signing_keys SET longest_ttl = max(longest_ttl, ?2) WHERE kid = ?1";

const DELETE: &str = "DELETE FROM signing_keys WHERE kid = ?1";

fn from_row(row: &Row<'_>) -> rusqlite::Result<SigningKey> {
    let name: String = row.get(1)?;
    let algorithm = Algorithm::from_name(&name).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(1, Type::Text, format!("unknown algorithm {name}").into())
    })?;
    Ok(SigningKey {
        kid: row.get(0)?,
        algorithm,
        sealed: row.get(2)?,
        created_at: Timestamp(row.get(3)?),
        signs_from: Timestamp(row.get(4)?),
        longest_ttl: row.get(5)?,
    })
}

#[async_trait]
impl SigningKeyAdapter for Database {
    async fn list_signing_keys(&self) -> StoreResult<Vec<SigningKey>> {
        self.read(|connection| list(connection, LIST, [], from_row)).await
    }

    async fn add_signing_key(&self, key: SigningKey, newest: Option<&str>) -> StoreResult<bool> {
        let newest = newest.map(str::to_owned);
        self.write(move |connection| {
            let found: Option<String> = find(connection, NEWEST, [], |row| row.get(0))?;
            if found != newest {
                return Ok(false);
            }
            let SigningKey { kid, algorithm, sealed, created_at, signs_from, longest_ttl } = key;
            let row = params![kid, algorithm.as_str(), sealed, created_at.0, signs_from.0, longest_ttl];
            execute(connection, INSERT, row)?;
            Ok(true)
        })
        .await
    }

    async fn raise_longest_ttl(&self, kid: &str, ttl: i64) -> StoreResult<()> {
        let kid = kid.to_owned();
        self.write(move |connection| Ok(execute(connection, RAISE, params![kid, ttl]).map(drop)?)).await
    }

    async fn delete_signing_key(&self, kid: &str) -> StoreResult<()> {
        let kid = kid.to_owned();
        self.write(move |connection| Ok(execute(connection, DELETE, [kid]).map(drop)?)).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::query_plan::assert_indexed;
    use super::*;

    #[test]
    fn keys_are_found_by_index() {
        assert_indexed(&[RAISE, DELETE]);
    }
}
