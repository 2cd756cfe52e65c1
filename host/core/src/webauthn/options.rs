//! What a browser is asked for: the JSON that `parseCreationOptionsFromJSON` and
//! `parseRequestOptionsFromJSON` take (WebAuthn section 5.1).

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::public_key::Algorithm;
use super::{RelyingParty, to_base64url};
use crate::ids::UserId;
use crate::passkey::Passkey;
use crate::user::User;

/// How long the browser may ask, in milliseconds.
const TIMEOUT_MS: u32 = 60_000;
/// The longest user handle, in bytes.
const USER_HANDLE_LIMIT: usize = 64;

/// `PublicKeyCredentialCreationOptionsJSON`
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    /// Who asks.
    pub rp: PartyEntity,
    /// For whom.
    pub user: UserEntity,
    /// What is to be signed.
    pub challenge: String,
    /// The algorithms, the most wanted first.
    pub pub_key_cred_params: Vec<CredentialParameters>,
    /// In milliseconds.
    pub timeout: u32,
    /// What the user has already: its authenticators don't offer themselves.
    pub exclude_credentials: Vec<CredentialDescriptor>,
    /// What kind of authenticator.
    pub authenticator_selection: AuthenticatorSelection,
    /// Always `none`.
    pub attestation: &'static str,
}

/// `PublicKeyCredentialRequestOptionsJSON`
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    /// What is to be signed.
    pub challenge: String,
    /// In milliseconds.
    pub timeout: u32,
    /// Who asks.
    pub rp_id: String,
    /// Which credentials will do; if empty, any that the authenticator itself finds.
    pub allow_credentials: Vec<CredentialDescriptor>,
    /// Whether the user has to be recognised.
    pub user_verification: &'static str,
}

/// The relying party.
#[derive(Clone, Debug, Serialize)]
pub struct PartyEntity {
    /// Shown to the user.
    pub name: String,
    /// The domain.
    pub id: String,
}

/// The user.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserEntity {
    /// The user handle.
    pub id: String,
    /// Tells accounts apart.
    pub name: String,
    /// For people.
    pub display_name: String,
}

/// The only kind of credential.
#[derive(Clone, Copy, Debug, Serialize)]
pub enum PublicKeyKind {
    /// A key pair.
    #[serde(rename = "public-key")]
    PublicKey,
}

/// An algorithm.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CredentialParameters {
    /// Of a key pair.
    #[serde(rename = "type")]
    pub kind: PublicKeyKind,
    /// Its COSE identifier.
    pub alg: i64,
}

/// A credential that exists.
#[derive(Clone, Debug, Serialize)]
pub struct CredentialDescriptor {
    /// Its id.
    pub id: String,
    /// A key pair.
    #[serde(rename = "type")]
    pub kind: PublicKeyKind,
}

impl CredentialDescriptor {
    /// The credential of an id in base64url.
    #[must_use]
    pub const fn of(id: String) -> Self {
        Self { id, kind: PublicKeyKind::PublicKey }
    }
}

impl From<&Passkey> for CredentialDescriptor {
    fn from(passkey: &Passkey) -> Self {
        Self::of(passkey.id.clone())
    }
}

/// What kind of authenticator is wanted: one that finds the passkey without being told the user, if it
/// can.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticatorSelection {
    /// Always `preferred`.
    pub resident_key: &'static str,
    /// The same for browsers of Level 1.
    pub require_resident_key: bool,
    /// Whether the user has to be recognised.
    pub user_verification: &'static str,
}

/// The user and what they have.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// Who.
    pub user: &'a User,
    /// Their passkeys.
    pub passkeys: &'a [Passkey],
}

impl RelyingParty {
    /// Asks for a new passkey.
    #[must_use]
    pub fn creation_options(&self, challenge: String, account: Account<'_>) -> CreationOptions {
        let Account { user, passkeys } = account;
        let display_name = user.name.clone().filter(|name| !name.is_empty());
        CreationOptions {
            rp: PartyEntity { name: self.name().to_owned(), id: self.id().to_owned() },
            user: UserEntity {
                id: to_base64url(&user_handle(&user.id)),
                name: user.email.clone(),
                display_name: display_name.unwrap_or_else(|| user.email.clone()),
            },
            challenge,
            pub_key_cred_params: Algorithm::ALL
                .map(|algorithm| CredentialParameters { kind: PublicKeyKind::PublicKey, alg: algorithm.id() })
                .to_vec(),
            timeout: TIMEOUT_MS,
            exclude_credentials: passkeys.iter().map(CredentialDescriptor::from).collect(),
            authenticator_selection: AuthenticatorSelection {
                resident_key: "preferred",
                require_resident_key: false,
                user_verification: self.user_verification().name(),
            },
            attestation: "none",
        }
    }

    /// Asks for the use of a passkey.
    #[must_use]
    pub fn request_options(
        &self,
        challenge: String,
        allow_credentials: Vec<CredentialDescriptor>,
    ) -> RequestOptions {
        RequestOptions {
            challenge,
            timeout: TIMEOUT_MS,
            rp_id: self.id().to_owned(),
            allow_credentials,
            user_verification: self.user_verification().name(),
        }
    }
}

/// What authenticators remember a user by: the bytes of the id, as in FastAuth, or their digest if they
/// are too many.
#[must_use]
pub fn user_handle(id: &UserId) -> Vec<u8> {
    let bytes = id.as_str().as_bytes();
    if bytes.len() <= USER_HANDLE_LIMIT { bytes.to_vec() } else { Sha256::digest(bytes).to_vec() }
}
