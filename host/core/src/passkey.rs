//! WebAuthn credentials.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::UserId;

/// A registered passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// The credential id, base64url without padding; unique.
    pub id: String,
    /// Whose it is.
    pub user_id: UserId,
    /// The COSE public key.
    #[serde(skip)]
    pub public_key: Vec<u8>,
    /// The signature counter (WebAuthn section 6.1.1).
    pub sign_count: u32,
    /// Whether the authenticator may copy it to other devices: the flag BE (WebAuthn section 6.1.3), which
    /// never changes. Unknown for one that was registered elsewhere, until it is used.
    #[serde(default)]
    pub backup_eligible: Option<bool>,
    /// The authenticator's model.
    pub aaguid: String,
    /// The name that the user gave it.
    pub name: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last signed in.
    pub last_used_at: Option<Timestamp>,
}

/// What an authenticator says of a passkey whenever it uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasskeyUse {
    /// Its counter now.
    pub sign_count: u32,
    /// The flag BE.
    pub backup_eligible: bool,
}
