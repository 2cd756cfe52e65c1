//! The operator's view of passkeys.

use serde::{Deserialize, Serialize};

use super::{Operator, OperatorError};
use crate::adapters::Change;
use crate::clock::Timestamp;
use crate::ids::UserId;
use crate::passkey::Passkey;
use crate::user::User;
use crate::webauthn::{check_public_key, from_base64url, to_base64url};

/// A passkey as it is written to and read from files. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeyRecord {
    /// The credential id, base64url.
    pub id: String,
    /// The COSE public key, base64url.
    pub public_key: String,
    /// The authenticator's counter.
    #[serde(default)]
    pub sign_count: u32,
    /// Whether it may be copied to other devices; learnt from its next use if none.
    #[serde(default)]
    pub backup_eligible: Option<bool>,
    /// The authenticator's model.
    #[serde(default)]
    pub aaguid: String,
    /// The name that the user gave it.
    #[serde(default = "nameless")]
    pub name: String,
    /// When it was registered; now if none.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it last signed in.
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
}

fn nameless() -> String {
    "Passkey".to_owned()
}

impl From<Passkey> for PasskeyRecord {
    fn from(passkey: Passkey) -> Self {
        Self {
            id: passkey.id,
            public_key: to_base64url(&passkey.public_key),
            sign_count: passkey.sign_count,
            backup_eligible: passkey.backup_eligible,
            aaguid: passkey.aaguid,
            name: passkey.name,
            created_at: Some(passkey.created_at),
            last_used_at: passkey.last_used_at,
        }
    }
}

impl PasskeyRecord {
    /// The passkey, or what is wrong with the record.
    pub(super) fn into_passkey(self, user_id: &UserId, now: Timestamp) -> Result<Passkey, String> {
        let id = from_base64url(&self.id).filter(|id| !id.is_empty());
        let id = id.ok_or("the id is not base64url")?;
        let public_key = from_base64url(&self.public_key).ok_or("the public key is not base64url")?;
        check_public_key(&public_key).map_err(|error| error.to_string())?;
        Ok(Passkey {
            // As it is looked for.
            id: to_base64url(&id),
            user_id: user_id.clone(),
            public_key,
            sign_count: self.sign_count,
            backup_eligible: self.backup_eligible,
            aaguid: self.aaguid,
            name: self.name,
            created_at: self.created_at.unwrap_or(now),
            last_used_at: self.last_used_at,
        })
    }
}

impl Operator {
    /// A user's passkeys, the oldest first.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn list_passkeys(&self, user: &User) -> Result<Vec<Passkey>, OperatorError> {
        Ok(self.adapters.passkeys.list_passkeys(&user.id).await?)
    }

    /// Removes a passkey. Logins that began with it go on.
    ///
    /// # Errors
    /// [`OperatorError::PasskeyNotFound`].
    pub async fn delete_passkey(&self, id: &str) -> Result<(), OperatorError> {
        let passkey = self.adapters.passkeys.get_passkey(id).await?;
        let passkey = passkey.ok_or_else(|| OperatorError::PasskeyNotFound(id.to_owned()))?;
        self.commit(vec![Change::DeletePasskey(passkey.id)], |_| None).await
    }

    /// Removes all passkeys of a user, and says how many there were.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn delete_user_passkeys(&self, user: &User) -> Result<usize, OperatorError> {
        let count = self.list_passkeys(user).await?.len();
        self.commit(vec![Change::DeleteUserPasskeys(user.id.clone())], |_| None).await?;
        Ok(count)
    }
}
