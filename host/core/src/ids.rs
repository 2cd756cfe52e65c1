//! Identifiers and random secrets.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// A new one, never seen before.
            #[must_use]
            pub fn generate() -> Self {
                Self(ordered_id())
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }
    };
}

id! {
    /// Names a user; the `sub` of the user's tokens. Opaque: imported ids keep whatever form they have.
    UserId
}
id! {
    /// Names a session; the `sid` of its tokens. Not a secret, unlike the session's token.
    SessionId
}

const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
/// In the order of their codes, which is that of an index.
const CHARACTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// 24 characters, a letter first, as FastAuth's ids (cuid2) look: about 123 random bits.
#[must_use]
pub fn generate_id() -> String {
    let mut id = String::with_capacity(24);
    id.push(char::from(LETTERS[rand::random_range(0..LETTERS.len())]));
    for _ in 1..24 {
        id.push(char::from(CHARACTERS[rand::random_range(0..CHARACTERS.len())]));
    }
    id
}

/// The same, but begun with the time: what is made together lies together in an index, so that a database of a
/// million users takes a new session as quickly as one of a thousand. Still some 82 random bits.
fn ordered_id() -> String {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut rest = since_epoch.as_millis();
    let mut time = [0; 8];
    for place in time.iter_mut().rev() {
        *place = (rest % 36) as usize;
        rest /= 36;
    }
    // A letter first, as in all ids. In 2034 the letters begin anew: only the order of that day is lost.
    let letter = LETTERS[time[0] % LETTERS.len()];
    let digits = time[1..].iter().map(|digit| CHARACTERS[*digit]);
    std::iter::once(letter).chain(digits).map(char::from).chain(generate_id().chars().skip(8)).collect()
}

/// A bearer secret: 32 random bytes in base64url, 43 characters.
#[must_use]
pub fn generate_secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn ids_look_alike_and_later_ones_come_later() {
        let mut before = SessionId::generate();
        for _ in 0..20 {
            std::thread::sleep(Duration::from_millis(2));
            let after = SessionId::generate();
            assert!(before < after, "{before} {after}");
            assert_eq!(after.as_str().len(), generate_id().len());
            assert!(after.as_str().starts_with(|first: char| first.is_ascii_lowercase()));
            assert!(after.as_str().chars().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase()));
            before = after;
        }
    }
}
