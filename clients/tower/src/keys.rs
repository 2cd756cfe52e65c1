//! The keys of a key set, each with its one algorithm, kept fresh.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::fetch::Fetcher;
use crate::refusal::Refusal;
use crate::settings::VerifierSettings;

/// A public key, and what it is for.
pub(crate) struct Key {
    pub(crate) algorithm: Algorithm,
    pub(crate) key: DecodingKey,
}

/// What was fetched.
struct Fetched {
    keys: HashMap<String, Arc<Key>>,
    at: Instant,
}

/// The keys that are known, and where to find more.
pub(crate) struct Keys {
    fetcher: Fetcher,
    refresh_every: Duration,
    min_interval: Duration,
    max_age: Duration,
    fetched: ArcSwapOption<Fetched>,
    /// When it was last tried. Whoever holds it fetches; the others wait.
    tried: Mutex<Option<Instant>>,
}

impl Keys {
    pub(crate) fn new(fetcher: Fetcher, settings: &VerifierSettings) -> Self {
        Self {
            fetcher,
            refresh_every: settings.refresh_every,
            min_interval: settings.min_interval,
            max_age: settings.max_age,
            fetched: ArcSwapOption::empty(),
            tried: Mutex::new(None),
        }
    }

    /// The key of a name. Fetches the set if it is old, or does not know the name.
    pub(crate) async fn get(self: &Arc<Self>, kid: &str) -> Result<Arc<Key>, Refusal> {
        if let Some((key, age)) = self.find(kid) {
            if age >= self.refresh_every {
                // In the background: what is known serves meanwhile.
                drop(self.start_refresh());
            }
            if age < self.max_age {
                return Ok(key);
            }
        }
        // A task of its own: it goes on if the client that waits for it goes away.
        if self.start_refresh().await.is_err() {
            return Err(Refusal::NoKeys);
        }
        match self.find(kid) {
            Some((key, age)) if age < self.max_age => Ok(key),
            _ if self.is_old() => Err(Refusal::NoKeys),
            _ => Err(Refusal::Invalid),
        }
    }

    /// The key of a name, and the age of the set.
    fn find(&self, kid: &str) -> Option<(Arc<Key>, Duration)> {
        let fetched = self.fetched.load();
        let fetched = fetched.as_ref()?;
        Some((Arc::clone(fetched.keys.get(kid)?), fetched.at.elapsed()))
    }

    /// Whether there is no set that says which keys there are.
    fn is_old(&self) -> bool {
        self.fetched.load().as_ref().is_none_or(|fetched| fetched.at.elapsed() >= self.max_age)
    }

    fn start_refresh(self: &Arc<Self>) -> JoinHandle<()> {
        let keys = Arc::clone(self);
        tokio::spawn(async move { keys.refresh().await })
    }

    /// Fetches the set, unless it was tried just now.
    async fn refresh(&self) {
        let mut tried = self.tried.lock().await;
        if tried.is_some_and(|at| at.elapsed() < self.min_interval) {
            return;
        }
        *tried = Some(Instant::now());
        match self.fetcher.fetch().await {
            Ok(set) => {
                let keys = set.keys.iter().filter_map(usable).collect();
                self.fetched.store(Some(Arc::new(Fetched { keys, at: Instant::now() })));
            }
            Err(error) => tracing::warn!("the keys that verify tokens were not refreshed: {error}"),
        }
    }
}

/// A key that may verify tokens, by its name. A key set can't make anybody accept a secret.
fn usable(jwk: &Jwk) -> Option<(String, Arc<Key>)> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    let common = &jwk.common;
    if common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
        return None;
    }
    let algorithm: Algorithm = common.key_algorithm?.to_string().parse().ok()?;
    let is_fitting = match (&jwk.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), RS256 | RS384 | RS512 | PS256 | PS384 | PS512) => true,
        (AlgorithmParameters::EllipticCurve(key), ES256) => key.curve == EllipticCurve::P256,
        (AlgorithmParameters::EllipticCurve(key), ES384) => key.curve == EllipticCurve::P384,
        // 32 bytes in base64.
        (AlgorithmParameters::OctetKeyPair(key), EdDSA) => {
            key.curve == EllipticCurve::Ed25519 && key.x.len() == 43
        }
        _ => false,
    };
    let key = is_fitting.then(|| DecodingKey::from_jwk(jwk).ok())??;
    Some((common.key_id.clone()?, Arc::new(Key { algorithm, key })))
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fetched = self.fetched.load();
        let kids: Vec<_> = fetched.iter().flat_map(|fetched| fetched.keys.keys()).collect();
        f.debug_struct("Keys").field("kids", &kids).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::jwk::JwkSet;

    use super::*;

    #[test]
    fn only_public_signature_keys_with_an_algorithm_are_taken() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let good = serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "a", "alg": "EdDSA", "use": "sig"});
        let with = |name: &str, value: serde_json::Value| {
            let mut changed = good.clone();
            changed[name] = value;
            changed
        };
        let is_taken = |jwk: &serde_json::Value| {
            let set: JwkSet = serde_json::from_value(serde_json::json!({"keys": [jwk]})).expect("a set");
            set.keys.iter().filter_map(usable).count() == 1
        };
        assert!(is_taken(&good));
        assert!(is_taken(&with("use", serde_json::Value::Null)));
        let bad = [
            with("alg", serde_json::Value::Null),
            with("alg", "HS256".into()),
            with("alg", "RS256".into()),
            with("use", "enc".into()),
            with("kid", serde_json::Value::Null),
            with("x", "c2hvcnQ".into()),
            serde_json::json!({"kty": "oct", "k": "c2VjcmV0", "kid": "a", "alg": "HS256"}),
        ];
        for jwk in bad {
            assert!(!is_taken(&jwk), "{jwk}");
        }
    }
}
