//! Reading the users, roles, passkeys and linked accounts of a FastAuth database, to take them over.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hookgate_core::clock::Timestamp;
use hookgate_core::role::Role;
use hookgate_core::services::operator::{OAuthAccountRecord, PasskeyRecord, UserRecord};
use hookgate_core::webauthn::to_base64url;
use rusqlite::{Connection, OpenFlags, Row, params};

use super::row::{exists, list, sql_limit};

const HAS_TABLE: &str = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1";

// SQLAlchemy writes times as text, in UTC.
const USERS: &str = "
    SELECT id, email, name, image, email_verified, is_active, unixepoch(created_at),
           unixepoch(updated_at), unixepoch(deleted_at), hashed_password
    FROM fastauth_users WHERE id > ?1 ORDER BY id LIMIT ?2";

const ROLES: &str = "SELECT name FROM fastauth_roles ORDER BY name";

const ROLES_OF_USER: &str = "SELECT role_name FROM fastauth_user_roles WHERE user_id = ?1 ORDER BY role_name";

const PERMISSIONS: &str = "SELECT permission FROM fastauth_role_permissions WHERE role_name = ?1";

const LINKS_OF_USER: &str = "
    SELECT provider, provider_account_id, unixepoch(created_at)
    FROM fastauth_oauth_accounts WHERE user_id = ?1 ORDER BY created_at, id";

const PASSKEYS_OF_USER: &str = "
    SELECT id, public_key, sign_count, aaguid, name, unixepoch(created_at), unixepoch(last_used_at)
    FROM fastauth_passkeys WHERE user_id = ?1 ORDER BY created_at, id";

/// The database can't be taken over.
#[derive(Debug, thiserror::Error)]
pub enum FastAuthError {
    /// There is none, or it is not readable.
    #[error("the FastAuth database {} can't be read: {source}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The tables are missing.
    #[error("{} is not a FastAuth database: it has no table `fastauth_users`", path.display())]
    NotFastAuth {
        /// The file.
        path: PathBuf,
    },
}

/// An open FastAuth database. It is only read.
#[derive(Debug)]
pub struct FastAuthDatabase {
    connection: Connection,
    path: PathBuf,
    has_roles: bool,
    has_links: bool,
    has_passkeys: bool,
}

impl FastAuthDatabase {
    /// Opens a file as it is now: what is changed later is not seen.
    ///
    /// # Errors
    /// See [`FastAuthError`].
    pub fn open(path: &Path) -> Result<Self, FastAuthError> {
        let refused = |source| FastAuthError::Sqlite { path: path.to_owned(), source };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(refused)?;
        connection.execute_batch("BEGIN").map_err(refused)?;
        if !exists(&connection, HAS_TABLE, ["fastauth_users"]).map_err(refused)? {
            return Err(FastAuthError::NotFastAuth { path: path.to_owned() });
        }
        let has_roles = exists(&connection, HAS_TABLE, ["fastauth_roles"]).map_err(refused)?;
        let has_table = |name| exists(&connection, HAS_TABLE, [name]).map_err(refused);
        let has_links = has_table("fastauth_oauth_accounts")?;
        let has_passkeys = has_table("fastauth_passkeys")?;
        Ok(Self { connection, path: path.to_owned(), has_roles, has_links, has_passkeys })
    }

    /// Every role with its permissions, by name.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn roles(&self) -> Result<Vec<Role>, FastAuthError> {
        self.read(|connection| {
            let names = list(connection, ROLES, [], |row| row.get::<_, String>(0))?;
            let role = |name: String| {
                let permissions = list(connection, PERMISSIONS, [&name], |row| row.get(0))?;
                Ok(Role { permissions: BTreeSet::from_iter(permissions), name })
            };
            names.into_iter().map(role).collect()
        })
        .map(Option::unwrap_or_default)
    }

    /// Users in the order of their ids, after the id `after`, at most `limit`.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn users(&self, after: &str, limit: usize) -> Result<Vec<UserRecord>, FastAuthError> {
        let refused = |source| FastAuthError::Sqlite { path: self.path.clone(), source };
        let mut users =
            list(&self.connection, USERS, params![after, sql_limit(limit)], user).map_err(refused)?;
        for user in &mut users {
            let id = user.id.clone();
            let roles = self.read(|connection| list(connection, ROLES_OF_USER, [id], |row| row.get(0)))?;
            user.roles = roles.unwrap_or_default();
            if self.has_links {
                let links = list(&self.connection, LINKS_OF_USER, [&user.id], oauth_account);
                user.oauth_accounts = links.map_err(refused)?;
            }
            if self.has_passkeys {
                let passkeys = list(&self.connection, PASSKEYS_OF_USER, [&user.id], passkey);
                user.passkeys = passkeys.map_err(refused)?;
            }
        }
        Ok(users)
    }

    /// Reads what concerns roles; none in a database without them.
    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, FastAuthError> {
        if !self.has_roles {
            return Ok(None);
        }
        read(&self.connection)
            .map(Some)
            .map_err(|source| FastAuthError::Sqlite { path: self.path.clone(), source })
    }
}

fn user(row: &Row<'_>) -> rusqlite::Result<UserRecord> {
    let time = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Timestamp));
    Ok(UserRecord {
        id: Some(row.get(0)?),
        email: row.get(1)?,
        name: row.get(2)?,
        image: row.get(3)?,
        email_verified: row.get(4)?,
        is_active: row.get(5)?,
        created_at: time(6)?,
        updated_at: time(7)?,
        deleted_at: time(8)?,
        roles: Vec::new(),
        passkeys: Vec::new(),
        password_hash: row.get(9)?,
        oauth_accounts: Vec::new(),
    })
}

/// The providers' own tokens stay behind: they are in clear there, and here they are kept sealed or not at
/// all.
fn oauth_account(row: &Row<'_>) -> rusqlite::Result<OAuthAccountRecord> {
    Ok(OAuthAccountRecord {
        provider: row.get(0)?,
        provider_account_id: row.get(1)?,
        created_at: row.get::<_, Option<i64>>(2)?.map(Timestamp),
    })
}

fn passkey(row: &Row<'_>) -> rusqlite::Result<PasskeyRecord> {
    Ok(PasskeyRecord {
        id: row.get(0)?,
        public_key: to_base64url(&row.get::<_, Vec<u8>>(1)?),
        sign_count: row.get(2)?,
        // Which FastAuth does not keep.
        backup_eligible: None,
        aaguid: row.get(3)?,
        name: row.get(4)?,
        created_at: row.get::<_, Option<i64>>(5)?.map(Timestamp),
        last_used_at: row.get::<_, Option<i64>>(6)?.map(Timestamp),
    })
}
