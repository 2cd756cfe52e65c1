//! Passkeys: registering one, signing in with one, looking after them.

mod challenge;
mod manage;
mod register;
mod sign_in;

use super::Services;
use crate::error::AuthError;
use crate::webauthn::RelyingParty;

impl Services {
    /// The site that passkeys are for.
    fn relying_party(&self) -> Result<&RelyingParty, AuthError> {
        self.settings.passkeys.as_ref().ok_or(AuthError::PasskeysNotConfigured)
    }
}
