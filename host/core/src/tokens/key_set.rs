//! The keys that are good at the moment: one signs, each verifies what it signed.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{Algorithm, JwtKey, KeyError};
use crate::JsonObject;
use crate::clock::Timestamp;

/// What a set says of a token.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// One of its keys signed these claims.
    Good(JsonObject),
    /// None did, and none will.
    Bad,
    /// It names a key that is not in the set; another process may have made it just now.
    UnknownKey,
}

/// An immutable set of keys, none of them twice.
#[derive(Debug)]
pub struct KeySet {
    algorithm: Algorithm,
    keys: Vec<Member>,
}

#[derive(Clone, Debug)]
struct Member {
    key: Arc<JwtKey>,
    signs_from: Timestamp,
}

/// What counts of a header.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood (RFC 7515 section 4.1.11). None is.
    crit: Option<IgnoredAny>,
}

impl KeySet {
    /// A key that always signs, and others that verify only.
    #[must_use]
    pub fn fixed(key: JwtKey, others: impl IntoIterator<Item = JwtKey>) -> Self {
        let algorithm = key.algorithm();
        let member = |key| Member { key: Arc::new(key), signs_from: Timestamp(i64::MIN) };
        Self { algorithm, keys: others.into_iter().chain([key]).map(member).collect() }
    }

    /// Keys with the moments from which on they sign.
    pub(super) fn new(
        algorithm: Algorithm,
        keys: impl IntoIterator<Item = (Arc<JwtKey>, Timestamp)>,
    ) -> Self {
        let mut keys: Vec<_> = keys.into_iter().map(|(key, signs_from)| Member { key, signs_from }).collect();
        // Stable: of two that begin together the later one stays the later one.
        keys.sort_by_key(|member| member.signs_from);
        Self { algorithm, keys }
    }

    /// The key of that name.
    pub(super) fn get(&self, kid: &str) -> Option<&Arc<JwtKey>> {
        self.keys.iter().map(|member| &member.key).find(|key| key.kid() == Some(kid))
    }

    /// The key that signs.
    pub(super) fn signing(&self, now: Timestamp) -> Result<&JwtKey, KeyError> {
        let able = || {
            self.keys
                .iter()
                .filter(|member| member.key.algorithm() == self.algorithm && member.key.can_sign())
        };
        // Should the clock be put back: rather a key that is early than none.
        let member = able().rfind(|member| member.signs_from <= now).or_else(|| able().next());
        member.map(|member| &*member.key).ok_or(KeyError::Signing)
    }

    /// Whether one of the keys signed a token, and if so what it says.
    pub(super) fn verify(&self, token: &str) -> Verdict {
        let verdict = |claims: Option<JsonObject>| claims.map_or(Verdict::Bad, Verdict::Good);
        // From the newest key on: most tokens are its.
        for member in self.keys.iter().rev() {
            if let Some(rest) = member.key.strip_header(token) {
                return verdict(member.key.verify(token, rest));
            }
        }
        self.verify_foreign(token).map_or(Verdict::UnknownKey, verdict)
    }

    /// A token whose header was not written here: it is parsed, and chooses among our keys, but what a
    /// key is for the key alone says (RFC 8725 section 3.1). None if it names a key that is not there.
    fn verify_foreign(&self, token: &str) -> Option<Option<JsonObject>> {
        let parsed = token.split_once('.').and_then(|(header, rest)| {
            let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
            let algorithm = Algorithm::from_name(&header.alg).filter(|_| header.crit.is_none())?;
            Some((algorithm, header.kid, rest))
        });
        let Some((algorithm, kid, rest)) = parsed else { return Some(None) };
        // A secret has no name, so whatever is in the header is none of ours and says nothing.
        let kid = kid.filter(|_| !algorithm.is_symmetric());
        if kid.as_deref().is_some_and(|kid| self.get(kid).is_none()) {
            return None;
        }
        let is_meant = |key: &JwtKey| {
            key.algorithm() == algorithm && kid.as_deref().is_none_or(|kid| key.kid() == Some(kid))
        };
        let mut candidates = self.keys.iter().map(|member| &*member.key).filter(|key| is_meant(key));
        Some(candidates.find_map(|key| key.verify(token, rest)))
    }

    /// What the world may know (RFC 7517): nothing of secrets.
    #[must_use]
    pub fn jwks(&self) -> Vec<Value> {
        self.keys.iter().filter_map(|member| member.key.jwk().cloned()).collect()
    }
}
