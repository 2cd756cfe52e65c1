//! Identifiers and random secrets.

use std::fmt;

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
                Self(generate_id())
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

/// 24 characters, a letter first, as FastAuth's ids (cuid2) look: about 123 random bits.
#[must_use]
pub fn generate_id() -> String {
    const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
    const CHARACTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut id = String::with_capacity(24);
    id.push(char::from(LETTERS[rand::random_range(0..LETTERS.len())]));
    for _ in 1..24 {
        id.push(char::from(CHARACTERS[rand::random_range(0..CHARACTERS.len())]));
    }
    id
}

/// A bearer secret: 32 random bytes in base64url, 43 characters.
#[must_use]
pub fn generate_secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}
