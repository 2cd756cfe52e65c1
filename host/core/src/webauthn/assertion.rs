//! Checking the answer to a sign-in (WebAuthn section 7.2).

use super::authenticator_data::AuthenticatorData;
use super::client_data::ClientData;
use super::options::user_handle;
use super::public_key::PublicKey;
use super::{CeremonyError, RelyingParty};
use crate::passkey::{Passkey, PasskeyUse};

/// A browser's answer to `navigator.credentials.get`.
#[derive(Clone, Debug)]
pub struct AssertionResponse {
    /// Which credential was used.
    pub credential_id: Vec<u8>,
    /// About the page.
    pub client_data: ClientData,
    /// What the authenticator says.
    pub authenticator_data: Vec<u8>,
    /// Of both.
    pub signature: Vec<u8>,
    /// Whom the authenticator takes the user for, if it remembers.
    pub user_handle: Option<Vec<u8>>,
}

impl RelyingParty {
    /// Checks everything about a use of a passkey but its challenge.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check_assertion(
        &self,
        response: &AssertionResponse,
        passkey: &Passkey,
    ) -> Result<PasskeyUse, CeremonyError> {
        if response.user_handle.as_ref().is_some_and(|handle| *handle != user_handle(&passkey.user_id)) {
            return Err(CeremonyError::UserHandle);
        }
        self.check_client_data(&response.client_data, "webauthn.get")?;
        let data = AuthenticatorData::parse(&response.authenticator_data)?;
        self.check_authenticator_data(&data)?;
        let key = PublicKey::from_cose(&passkey.public_key)?;
        let message = [&response.authenticator_data[..], response.client_data.hash()].concat();
        if !key.is_signature(&message, &response.signature) {
            return Err(CeremonyError::Signature);
        }
        let used = PasskeyUse { sign_count: data.sign_count, backup_eligible: data.is_backup_eligible() };
        if passkey.backup_eligible.is_some_and(|known| known != used.backup_eligible) {
            return Err(CeremonyError::BackupEligibility);
        }
        // Last, so that only the holder of the key can make it look cloned. Many authenticators don't
        // count, and stay at 0.
        let (known, presented) = (passkey.sign_count, used.sign_count);
        if (known, presented) != (0, 0) && presented <= known {
            return Err(CeremonyError::SignCount);
        }
        Ok(used)
    }
}
