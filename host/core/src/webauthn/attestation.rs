//! Attestation objects: a new credential, and who vouches for its authenticator (WebAuthn section 6.5).

use ciborium::Value;

use super::CeremonyError;
use super::public_key::PublicKey;

/// An attestation object.
pub(super) struct Attestation {
    format: String,
    statement: Vec<(Value, Value)>,
    pub(super) authenticator_data: Vec<u8>,
}

impl Attestation {
    /// Reads an attestation object, of any format.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, CeremonyError> {
        Self::read(bytes).ok_or(CeremonyError::AttestationObject)
    }

    fn read(mut bytes: &[u8]) -> Option<Self> {
        let object: Value = ciborium::from_reader(&mut bytes).ok()?;
        if !bytes.is_empty() {
            return None;
        }
        let (mut format, mut statement, mut authenticator_data) = (None, None, None);
        for (name, value) in object.into_map().ok()? {
            let is_new = match name.as_text()? {
                "fmt" => format.replace(value.into_text().ok()?).is_none(),
                "attStmt" => statement.replace(value.into_map().ok()?).is_none(),
                "authData" => authenticator_data.replace(value.into_bytes().ok()?).is_none(),
                _ => true,
            };
            if !is_new {
                return None;
            }
        }
        Some(Self { format: format?, statement: statement?, authenticator_data: authenticator_data? })
    }

    /// Checks what can be checked without trusting any maker of authenticators: that nothing vouches
    /// where nobody does, and that a key which vouches for itself is itself. A statement of a maker
    /// proves nothing without a list of makers, so it counts as none.
    pub(super) fn check(&self, key: &PublicKey, client_data_hash: &[u8; 32]) -> Result<(), CeremonyError> {
        let is_good = match self.format.as_str() {
            "none" => self.statement.is_empty(),
            "packed" if self.member("x5c").is_none() => self.is_self_signed(key, client_data_hash),
            _ => true,
        };
        if is_good { Ok(()) } else { Err(CeremonyError::AttestationStatement) }
    }

    fn is_self_signed(&self, key: &PublicKey, client_data_hash: &[u8; 32]) -> bool {
        let algorithm = self.member("alg").and_then(Value::as_integer);
        let Some(signature) = self.member("sig").and_then(Value::as_bytes) else { return false };
        let message = [&self.authenticator_data[..], client_data_hash].concat();
        algorithm == Some(key.algorithm().id().into()) && key.is_signature(&message, signature)
    }

    fn member(&self, name: &str) -> Option<&Value> {
        self.statement.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
    }
}
