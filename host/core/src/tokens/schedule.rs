//! When a new key is due, which one signs, and when an old one may go. Arithmetic on times alone.

use super::Algorithm;
use crate::clock::Timestamp;
use crate::signing_key::SigningKey;

/// How long an old key is kept beyond its last token: another process may notice late that a new one
/// signs. Seconds.
const SLACK: i64 = 600;

/// How often keys change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySchedule {
    /// What new keys are for.
    pub algorithm: Algorithm,
    /// How long a key signs, in seconds; none: until the operator rotates.
    pub interval: Option<i64>,
    /// How long a key is published before it signs, in seconds.
    pub publish_ahead: i64,
    /// The longest life of a token, in seconds.
    pub longest_ttl: i64,
}

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStage {
    /// Published, does not sign yet.
    Next,
    /// Signs.
    Signing,
    /// Signs no more; its tokens are still good.
    Retired,
}

impl KeyStage {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Signing => "signing",
            Self::Retired => "retired",
        }
    }
}

impl KeySchedule {
    /// From when on a new key has to sign, if one has to be made now. `keys` are those that can be used.
    #[must_use]
    pub fn due(&self, keys: &[&SigningKey], now: Timestamp) -> Option<Timestamp> {
        let Some(signing) = self.signing(keys, now) else { return Some(now) };
        let has_next = keys.iter().any(|key| key.algorithm == self.algorithm && key.signs_from > now);
        let ends = signing.signs_from.plus(self.interval?);
        let is_time = ends.plus(-self.publish_ahead) <= now;
        (is_time && !has_next).then(|| ends.max(now.plus(self.publish_ahead)))
    }

    /// The key that signs. Of several that begin together the one that was added last.
    fn signing<'a>(&self, keys: &[&'a SigningKey], now: Timestamp) -> Option<&'a SigningKey> {
        let usable = keys.iter().filter(|key| key.algorithm == self.algorithm && key.signs_from <= now);
        usable.max_by_key(|key| key.signs_from).copied()
    }

    /// Where each key is in its life.
    #[must_use]
    pub fn stage(&self, keys: &[&SigningKey], key: &SigningKey, now: Timestamp) -> KeyStage {
        if self.signing(keys, now).is_some_and(|signing| signing.kid == key.kid) {
            KeyStage::Signing
        } else if key.signs_from > now {
            KeyStage::Next
        } else {
            KeyStage::Retired
        }
    }

    /// From when on nobody needs a key any more; none as long as no other takes over from it.
    #[must_use]
    pub fn needed_until(keys: &[&SigningKey], key: &SigningKey) -> Option<Timestamp> {
        let place = |kid: &str| keys.iter().position(|key| key.kid == kid);
        let order = |key: &SigningKey| (key.signs_from, place(&key.kid));
        let successors = keys.iter().filter(|other| order(other) > order(key));
        let superseded_at = successors.map(|key| key.signs_from).min()?;
        Some(superseded_at.plus(key.longest_ttl).plus(SLACK))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);
    const SCHEDULE: KeySchedule = KeySchedule {
        algorithm: Algorithm::Es256,
        interval: Some(1000),
        publish_ahead: 100,
        longest_ttl: 5000,
    };

    fn key(kid: &str, signs_from: i64) -> SigningKey {
        SigningKey {
            kid: kid.to_owned(),
            algorithm: Algorithm::Es256,
            sealed: String::new(),
            created_at: NOW,
            signs_from: NOW.plus(signs_from),
            longest_ttl: 5000,
        }
    }

    #[test]
    fn the_first_key_signs_at_once_and_the_next_is_published_first() {
        assert_eq!(SCHEDULE.due(&[], NOW), Some(NOW));
        let first = key("a", 0);
        assert_eq!(SCHEDULE.due(&[&first], NOW.plus(899)), None);
        assert_eq!(SCHEDULE.due(&[&first], NOW.plus(900)), Some(NOW.plus(1000)));
        // The server was down when it was time.
        assert_eq!(SCHEDULE.due(&[&first], NOW.plus(5000)), Some(NOW.plus(5100)));
        let second = key("b", 1000);
        assert_eq!(SCHEDULE.due(&[&first, &second], NOW.plus(950)), None);
        assert_eq!(SCHEDULE.due(&[&first, &second], NOW.plus(1500)), None);
        let never = KeySchedule { interval: None, ..SCHEDULE };
        assert_eq!(never.due(&[&first], NOW.plus(1_000_000)), None);
    }

    #[test]
    fn another_algorithm_has_keys_of_its_own() {
        let first = key("a", 0);
        let ed = KeySchedule { algorithm: Algorithm::EdDsa, ..SCHEDULE };
        assert_eq!(ed.due(&[&first], NOW.plus(5)), Some(NOW.plus(5)));
    }

    #[test]
    fn stages_follow_each_other() {
        let keys = [&key("a", 0), &key("b", 1000)];
        let at =
            |seconds| keys.map(|key| SCHEDULE.stage(&keys, key, NOW.plus(seconds))).map(KeyStage::as_str);
        assert_eq!(at(999), ["signing", "next"]);
        assert_eq!(at(1000), ["retired", "signing"]);
        // A key that the operator wanted at once, while another was published already.
        let keys = [&key("a", 0), &key("b", 1000), &key("c", 500)];
        let at =
            |seconds| keys.map(|key| SCHEDULE.stage(&keys, key, NOW.plus(seconds))).map(KeyStage::as_str);
        assert_eq!(at(600), ["retired", "next", "signing"]);
        assert_eq!(at(1600), ["retired", "signing", "retired"]);
    }

    #[test]
    fn a_key_is_kept_until_its_last_token_has_expired() {
        let (first, second) = (key("a", 0), key("b", 1000));
        let keys = [&first, &second];
        assert_eq!(KeySchedule::needed_until(&keys, &first), Some(NOW.plus(1000 + 5000 + SLACK)));
        assert_eq!(KeySchedule::needed_until(&keys, &second), None);
        let longer = SigningKey { longest_ttl: 9000, ..first.clone() };
        assert_eq!(
            KeySchedule::needed_until(&[&longer, &second], &longer),
            Some(NOW.plus(1000 + 9000 + SLACK))
        );
    }

    proptest! {
        /// Whenever it is looked at: there is a key that signs, its successor was published in time, and
        /// nothing that is still needed may go.
        #[test]
        fn rotation_never_leaves_a_gap(pauses in proptest::collection::vec(1..3000_i64, 1..60)) {
            let mut keys: Vec<SigningKey> = Vec::new();
            let mut now = NOW;
            for (number, pause) in pauses.into_iter().enumerate() {
                let all: Vec<_> = keys.iter().collect();
                if let Some(signs_from) = SCHEDULE.due(&all, now) {
                    let is_first = all.is_empty();
                    prop_assert!(is_first || signs_from >= now.plus(SCHEDULE.publish_ahead));
                    keys.push(SigningKey { created_at: now, signs_from, ..key(&number.to_string(), 0) });
                }
                let all: Vec<_> = keys.iter().collect();
                let signing = SCHEDULE.signing(&all, now);
                prop_assert!(signing.is_some());
                let gone = |key: &SigningKey| {
                    KeySchedule::needed_until(&all, key).is_some_and(|until| until <= now)
                };
                prop_assert!(!signing.is_some_and(gone));
                now = now.plus(pause);
            }
        }
    }
}
