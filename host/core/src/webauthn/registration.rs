//! Checking the answer to a registration (WebAuthn section 7.1).

use std::fmt::Write as _;

use super::attestation::Attestation;
use super::authenticator_data::AuthenticatorData;
use super::client_data::ClientData;
use super::public_key::PublicKey;
use super::{CeremonyError, RelyingParty};

/// A browser's answer to `navigator.credentials.create`.
#[derive(Clone, Debug)]
pub struct RegistrationResponse {
    /// The id of the new credential.
    pub credential_id: Vec<u8>,
    /// About the page.
    pub client_data: ClientData,
    /// The new credential.
    pub attestation_object: Vec<u8>,
}

/// A credential that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCredential {
    /// Its id.
    pub id: Vec<u8>,
    /// Its COSE public key.
    pub public_key: Vec<u8>,
    /// The counter that it starts with.
    pub sign_count: u32,
    /// Whether the authenticator may copy it to other devices.
    pub backup_eligible: bool,
    /// The authenticator's model, as text.
    pub aaguid: String,
}

impl RelyingParty {
    /// Checks everything about a new credential but its challenge.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check_registration(
        &self,
        response: &RegistrationResponse,
    ) -> Result<NewCredential, CeremonyError> {
        self.check_client_data(&response.client_data, "webauthn.create")?;
        let attestation = Attestation::parse(&response.attestation_object)?;
        let data = AuthenticatorData::parse(&attestation.authenticator_data)?;
        self.check_authenticator_data(&data)?;
        let credential = data.credential.ok_or(CeremonyError::AuthenticatorData)?;
        if credential.id != response.credential_id {
            return Err(CeremonyError::CredentialId);
        }
        let key = PublicKey::from_cose(credential.public_key)?;
        attestation.check(&key, response.client_data.hash())?;
        Ok(NewCredential {
            id: credential.id.to_owned(),
            public_key: credential.public_key.to_owned(),
            sign_count: data.sign_count,
            backup_eligible: data.is_backup_eligible(),
            aaguid: uuid(credential.aaguid),
        })
    }
}

/// `00010203-0405-0607-0809-0a0b0c0d0e0f`
fn uuid(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing into a text does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
