//! Signs and verifies tokens with the keys that are good at the moment.
//!
//! The algorithm belongs to the key, never to the token: what a token's header says is compared with
//! the key's algorithm and otherwise ignored (RFC 8725 section 3.1), so `none` or another family can't
//! pass. No request waits for the storage because of keys: they are in memory, looked at again in the
//! background, and when a token names a key that is not there.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use serde_json::Value;

use super::key_set::Verdict;
use super::{Algorithm, JwtKey, KeeperError, KeyError, KeyKeeper, KeySet};
use crate::JsonObject;
use crate::adapters::StoreError;
use crate::clock::Timestamp;

/// Tokens that name unknown keys make the storage be asked no more often than this, in milliseconds.
const ASK_AGAIN_MS: i64 = 200;

/// What signs and verifies.
pub struct TokenSigner {
    keys: ArcSwap<KeySet>,
    /// None for keys that never change.
    keeper: Option<KeyKeeper>,
    asked_ms: AtomicI64,
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
        Self { keys: ArcSwap::from_pointee(keys), keeper: None, asked_ms: AtomicI64::new(i64::MIN) }
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
            Verdict::Good(claims) => return Ok(Some(claims)),
            Verdict::Bad => return Ok(None),
            Verdict::UnknownKey => {}
        }
        if !self.look_again().await? {
            return Ok(None);
        }
        match self.judge(token) {
            Verdict::Good(claims) => Ok(Some(claims)),
            Verdict::Bad | Verdict::UnknownKey => Ok(None),
        }
    }

    fn judge(&self, token: &str) -> Verdict {
        self.keys.load().verify(token)
    }

    /// Loads the keys, if they can change and were not loaded just now; says whether it did.
    async fn look_again(&self) -> Result<bool, StoreError> {
        let Some(keeper) = &self.keeper else { return Ok(false) };
        let now = keeper.clock().now_ms();
        let asked = self.asked_ms.load(Ordering::Relaxed);
        // Also for a clock that was put back.
        let is_early = now.saturating_sub(asked).unsigned_abs() < ASK_AGAIN_MS.unsigned_abs();
        let is_mine =
            || self.asked_ms.compare_exchange(asked, now, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if is_early || !is_mine() {
            return Ok(false);
        }
        let keys = keeper.load(Some(&self.keys.load_full())).await?;
        self.keys.store(Arc::new(keys));
        Ok(true)
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
