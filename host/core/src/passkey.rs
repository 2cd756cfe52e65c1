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
    /// The authenticator's model.
    pub aaguid: String,
    /// The name that the user gave it.
    pub name: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last signed in.
    pub last_used_at: Option<Timestamp>,
}
