//! The operator's view of signing keys.

use super::{Operator, OperatorError};
use crate::clock::Timestamp;
use crate::signing_key::SigningKey;
use crate::tokens::{Algorithm, KeySchedule, KeyStage};

/// A signing key and where it is in its life. Times are none for keys that the configuration gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its name in the headers of its tokens.
    pub kid: String,
    /// What it is for.
    pub algorithm: Algorithm,
    /// Where it is in its life.
    pub stage: KeyStage,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// The first second in which it signs.
    pub signs_from: Option<Timestamp>,
    /// When it goes; none as long as no other key takes over from it.
    pub kept_until: Option<Timestamp>,
}

impl Operator {
    /// The keys that the server made, in the order in which they were made.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn list_signing_keys(&self) -> Result<Vec<KeyRecord>, OperatorError> {
        let keys = self.adapters.signing_keys.list_signing_keys().await?;
        let all: Vec<_> = keys.iter().collect();
        Ok(keys.iter().map(|key| self.key_record(&all, key)).collect())
    }

    /// The key of a name.
    ///
    /// # Errors
    /// [`OperatorError::KeyNotFound`].
    pub async fn signing_key(&self, kid: &str) -> Result<KeyRecord, OperatorError> {
        let keys = self.list_signing_keys().await?;
        keys.into_iter().find(|key| key.kid == kid).ok_or_else(|| OperatorError::KeyNotFound(kid.to_owned()))
    }

    fn key_record(&self, all: &[&SigningKey], key: &SigningKey) -> KeyRecord {
        KeyRecord {
            kid: key.kid.clone(),
            algorithm: key.algorithm,
            stage: self.settings.jwt.key_schedule().stage(all, key, self.clock.now()),
            created_at: Some(key.created_at),
            signs_from: Some(key.signs_from),
            kept_until: KeySchedule::needed_until(all, key),
        }
    }
}
