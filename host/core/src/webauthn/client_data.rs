//! `clientDataJSON`: what the browser says about the page (WebAuthn section 5.8.1).

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// Client data, with the bytes that were signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientData {
    /// `webauthn.create` or `webauthn.get`.
    pub kind: String,
    /// The challenge, base64url without padding.
    pub challenge: String,
    /// Of the page.
    pub origin: String,
    /// Whether the page was embedded in one of another origin.
    pub is_cross_origin: bool,
    hash: [u8; 32],
}

#[derive(Deserialize)]
struct Members {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: Option<bool>,
}

impl ClientData {
    /// Reads client data; none if it is not JSON or lacks a member.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let members: Members = serde_json::from_slice(json).ok()?;
        Some(Self {
            kind: members.kind,
            challenge: members.challenge,
            origin: members.origin,
            is_cross_origin: members.cross_origin.unwrap_or_default(),
            hash: Sha256::digest(bytes).into(),
        })
    }

    /// The SHA-256 of the bytes as they came.
    #[must_use]
    pub const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }
}
