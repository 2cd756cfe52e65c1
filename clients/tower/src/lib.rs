#![doc = include_str!("../README.md")]

mod claims;
mod fetch;
mod keys;
mod layer;
mod refusal;
mod settings;
mod verifier;

pub use claims::Claims;
pub use layer::{RequireToken, RequireTokenService};
pub use refusal::Refusal;
pub use settings::{SetupError, VerifierSettings};
pub use verifier::Verifier;
