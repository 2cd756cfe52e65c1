//! JSON Web Tokens (RFC 7519): the claims, and the keys that sign them.

mod algorithm;
mod claims;
mod jwt_key;
mod keeper;
mod key_error;
mod key_set;
mod keyed_digest;
mod private_key;
mod public_key;
mod schedule;
mod sealer;
mod signer;
#[cfg(test)]
mod tests;

pub use algorithm::Algorithm;
pub use claims::{Claims, ClaimsError, TokenSubject};
pub use jwt_key::JwtKey;
pub use keeper::{KeeperError, KeyKeeper};
pub use key_error::KeyError;
pub use key_set::KeySet;
pub use private_key::PrivateKey;
pub use public_key::PublicKey;
pub use schedule::{KeySchedule, KeyStage};
pub use sealer::{SealError, Sealer};
pub use signer::TokenSigner;
