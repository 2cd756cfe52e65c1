//! Links to OAuth providers in SQLite.

use async_trait::async_trait;
use hookgate_core::adapters::{
    Change, Conflict, OAuthAccountAdapter, OtherWayIn, StoreResult, Transactions as _,
};
use hookgate_core::clock::Timestamp;
use hookgate_core::ids::UserId;
use hookgate_core::oauth_account::OAuthAccount;
use rusqlite::{Connection, Row, params};

use super::apply_error::{Applied, is_constraint};
use super::database::Database;
use super::row::{execute, exists, find, list};
use super::users;

const EXISTS: &str = "SELECT 1 FROM oauth_accounts WHERE provider = ?1 AND provider_account_id = ?2";

const GET: &str = "
    SELECT id, provider, provider_account_id, user_id, access_token, refresh_token, expires_at, created_at
    FROM oauth_accounts WHERE provider = ?1 AND provider_account_id = ?2";

const LIST: &str = "
    SELECT id, provider, provider_account_id, user_id, access_token, refresh_token, expires_at, created_at
    FROM oauth_accounts WHERE user_id = ?1 ORDER BY created_at, rowid";

const INSERT: &str = "
    INSERT INTO oauth_accounts (id, provider, provider_account_id, user_id, access_token, refresh_token,
                                expires_at, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const HAS_PASSWORD: &str = "SELECT 1 FROM users WHERE id = ?1 AND password_hash IS NOT NULL";

const HAS_PASSKEY: &str = "SELECT 1 FROM passkeys WHERE user_id = ?1 LIMIT 1";

const DELETE: &str = "DELETE FROM oauth_accounts WHERE id = ?1";

const DELETE_OF_USER: &str = "DELETE FROM oauth_accounts WHERE user_id = ?1";

fn from_row(row: &Row<'_>) -> rusqlite::Result<OAuthAccount> {
    Ok(OAuthAccount {
        id: row.get(0)?,
        provider: row.get(1)?,
        provider_account_id: row.get(2)?,
        user_id: UserId(row.get(3)?),
        access_token: row.get(4)?,
        refresh_token: row.get(5)?,
        expires_at: row.get::<_, Option<i64>>(6)?.map(Timestamp),
        created_at: Timestamp(row.get(7)?),
    })
}

pub(super) fn create(connection: &Connection, account: &OAuthAccount) -> Applied {
    let inserted = execute(
        connection,
        INSERT,
        params![
            account.id,
            account.provider,
            account.provider_account_id,
            account.user_id.as_str(),
            account.access_token,
            account.refresh_token,
            account.expires_at.map(|at| at.0),
            account.created_at.0,
        ],
    );
    match inserted {
        Err(error) if is_constraint(&error) => {
            if exists(connection, EXISTS, [&account.provider, &account.provider_account_id])? {
                return Err(Conflict::OAuthAccountTaken.into());
            }
            users::require(connection, &account.user_id)?;
            // An id that exists: random ones never do.
            Err(error.into())
        }
        other => Ok(other.map(drop)?),
    }
}

pub(super) fn require_other_way_in(connection: &Connection, asked: &OtherWayIn) -> Applied {
    let user = [asked.user.as_str()];
    let links = list(connection, LIST, user, from_row)?;
    let has_other_link =
        links.iter().any(|link| link.id != asked.besides && asked.providers.contains(&link.provider));
    let has_one = has_other_link
        || (asked.passwords && exists(connection, HAS_PASSWORD, user)?)
        || (asked.passkeys && exists(connection, HAS_PASSKEY, user)?);
    if has_one { Ok(()) } else { Err(Conflict::LastWayIn.into()) }
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
impl OAuthAccountAdapter for Database {
    async fn create_oauth_account(&self, account: OAuthAccount) -> StoreResult<()> {
        self.commit(vec![Change::CreateOAuthAccount(account)]).await
    }

    async fn get_oauth_account(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> StoreResult<Option<OAuthAccount>> {
        let key = [provider.to_owned(), provider_account_id.to_owned()];
        self.read(move |connection| find(connection, GET, key, from_row)).await
    }

    async fn list_oauth_accounts(&self, user: &UserId) -> StoreResult<Vec<OAuthAccount>> {
        let user = user.clone();
        self.read(move |connection| list(connection, LIST, [user.as_str()], from_row)).await
    }

    async fn delete_oauth_account(&self, id: &str) -> StoreResult<()> {
        self.commit(vec![Change::DeleteOAuthAccount(id.to_owned())]).await
    }

    async fn delete_user_oauth_accounts(&self, user: &UserId) -> StoreResult<()> {
        self.commit(vec![Change::DeleteUserOAuthAccounts(user.clone())]).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::query_plan::assert_indexed;
    use super::*;

    #[test]
    fn links_are_found_by_index() {
        assert_indexed(&[EXISTS, GET, HAS_PASSWORD, HAS_PASSKEY, DELETE, DELETE_OF_USER]);
    }
}
