//! JSON Web Tokens (RFC 7519): the claims, and the keys that sign them.

mod claims;
mod keyed_digest;
mod sealer;
mod signer;

pub use claims::{Claims, ClaimsError, TokenSubject};
pub use sealer::{SealError, Sealer};
pub use signer::{KeyError, TokenSigner};
