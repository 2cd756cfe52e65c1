//! Signs and verifies tokens with the keys that are good at the moment.
//!
//! The algorithm belongs to the key, never to the token: what a token's header says is compared with
//! the key's algorithm and otherwise ignored (RFC 8725 section 3.1), so `none` or another family can't
//! pass. No request waits for the storage because of keys: they are in memory, looked at again in the
//! background, and when a token names a key that is not there.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use serde_json::Value;
use tokio::sync::Mutex;

use super::key_set::Verdict;
use super::{Algorithm, JwtKey, KeeperError, KeyError, KeyKeeper, KeySet};
use crate::JsonObject;
use crate::adapters::StoreError;
use crate::clock::Timestamp;

/// Tokens that name unknown keys make the storage be asked no more often than this, in milliseconds.
const ASK_AGAIN_MS: u64 = 200;

/// What signs and verifies.
pub struct TokenSigner {
    keys: ArcSwap<KeySet>,
    /// None for keys that never change.
    keeper: Option<KeyKeeper>,
    /// When tokens with unknown keys last made the keys be loaded. Whoever holds it loads.
    asked_ms: Mutex<Option<i64>>,
}

impl std::fmt::Debug for TokenSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSigner").field("keys", &self.keys.load()).finish_non_exhaustive()
    }
}

impl TokenSigner {
    /// HMAC with SHA-256. The key is the secret's bytes as they are, as in FastAuth.
    ///
    /// # Errors
    /// The secret is shorter than 32 bytes.
    pub fn hs256(secret: &[u8]) -> Result<Self, KeyError> {
        Ok(Self::fixed(KeySet::fixed(JwtKey::secret(Algorithm::Hs256, secret)?, [])))
    }

    /// Keys that never change while the process lives.
    #[must_use]
    pub fn fixed(keys: KeySet) -> Self {
        Self { keys: ArcSwap::from_pointee(keys), keeper: None, asked_ms: Mutex::new(None) }
    }

    /// Keys that the server makes, stores and replaces by itself. The first is made here.
    ///
    /// # Errors
    /// See [`KeeperError`].
    pub async fn kept(keeper: KeyKeeper) -> Result<Self, KeeperError> {
        let keys = keeper.maintain(None).await?;
        Ok(Self { keeper: Some(keeper), ..Self::fixed(keys) })
    }

    /// The compact form of signed claims.
    ///
    /// # Errors
    /// The key fails.
    pub fn sign(&self, claims: &JsonObject, now: Timestamp) -> Result<String, KeyError> {
        self.keys.load().signing(now)?.sign(claims)
    }

    /// The claims of a token that one of the keys signed; none otherwise, whatever the reason.
    ///
    /// # Errors
    /// The token names an unknown key, and the storage did not say whether there is one.
    pub async fn verify(&self, token: &str) -> Result<Option<JsonObject>, StoreError> {
        match self.judge(token) {
            Verdict::Good(claims) => Ok(Some(claims)),
            Verdict::Bad => Ok(None),
            Verdict::UnknownKey => self.look_again(token).await,
        }
    }

    fn judge(&self, token: &str) -> Verdict {
        self.keys.load().verify(token)
    }

    /// Loads the keys, if they can change and were not loaded just now, and judges once more.
    async fn look_again(&self, token: &str) -> Result<Option<JsonObject>, StoreError> {
        let Some(keeper) = &self.keeper else { return Ok(None) };
        // One loads; the others wait for it, since the key that they miss is likely the same one.
        let mut asked_ms = self.asked_ms.lock().await;
        let judged = || match self.judge(token) {
            Verdict::Good(claims) => Some(claims),
            Verdict::Bad | Verdict::UnknownKey => None,
        };
        if let Some(claims) = judged() {
            return Ok(Some(claims));
        }
        let now = keeper.clock().now_ms();
        // Also for a clock that was put back.
        let is_early = asked_ms.is_some_and(|asked| now.abs_diff(asked) < ASK_AGAIN_MS);
        if is_early {
            return Ok(None);
        }
        *asked_ms = Some(now);
        let keys = keeper.load(Some(&self.keys.load_full())).await?;
        self.keys.store(Arc::new(keys));
        Ok(judged())
    }

    /// Does what is due for the keys: looks for those that other processes made, makes a successor in
    /// time, removes what nobody needs.
    ///
    /// # Errors
    /// See [`KeeperError`].
    pub async fn maintain(&self) -> Result<(), KeeperError> {
        if let Some(keeper) = &self.keeper {
            let keys = keeper.maintain(Some(&self.keys.load_full())).await?;
            self.keys.store(Arc::new(keys));
        }
        Ok(())
    }

    /// How long [`maintain`](Self::maintain) may be left alone; none for keys that never change.
    #[must_use]
    pub fn maintain_every(&self) -> Option<Duration> {
        let ahead = self.keeper.as_ref()?.publish_ahead();
        // Several times before a published key signs.
        Some((ahead / 4).clamp(Duration::from_millis(250), Duration::from_secs(30)))
    }

    /// How long a verifier may rely on [`jwks`](Self::jwks).
    #[must_use]
    pub fn jwks_max_age(&self) -> Duration {
        let most = Duration::from_mins(5);
        self.keeper.as_ref().map_or(most, |keeper| (keeper.publish_ahead() / 2).min(most))
    }

    /// The public keys as JWKs (RFC 7517), those included that will sign next.
    #[must_use]
    pub fn jwks(&self) -> Vec<Value> {
        self.keys.load().jwks()
    }
}
