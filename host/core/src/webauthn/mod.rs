//! The relying party's side of WebAuthn (Level 3): what a browser is asked for, and what its answer
//! must hold. Pure functions over bytes; [`crate::services`] remembers the challenges.
//!
//! The words are the specification's. A *registration* makes a credential, an *assertion* proves that
//! somebody has it. *Authenticator data* is what the authenticator signs, *client data* what the browser
//! says about the page. An *attestation* says who made the authenticator: it is not asked for, and no
//! attestation is trusted.

mod assertion;
mod attestation;
mod authenticator_data;
mod client_data;
mod error;
mod options;
mod public_key;
mod registration;
mod relying_party;
#[cfg(test)]
mod tests;

pub use assertion::AssertionResponse;
pub use client_data::ClientData;
pub use error::CeremonyError;
pub use options::{
    Account, AuthenticatorSelection, CreationOptions, CredentialDescriptor, CredentialParameters,
    PartyEntity, PublicKeyKind, RequestOptions, UserEntity, user_handle,
};
pub use public_key::check_public_key;
pub use registration::{NewCredential, RegistrationResponse};
pub use relying_party::{RelyingParty, RelyingPartyError, UserVerification};

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Base64url that is written without padding and read with or without.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Bytes as WebAuthn writes them into JSON.
#[must_use]
pub fn to_base64url(bytes: &[u8]) -> String {
    BASE64URL.encode(bytes)
}

/// The bytes of such a text, if it is one.
#[must_use]
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    BASE64URL.decode(text).ok()
}
