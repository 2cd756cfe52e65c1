//! Authenticator data: what the authenticator signs (WebAuthn section 6.1).

use ciborium::Value;

use super::CeremonyError;

/// The bits of the flags.
mod bit {
    pub(super) const USER_PRESENT: u8 = 1;
    pub(super) const USER_VERIFIED: u8 = 1 << 2;
    pub(super) const BACKUP_ELIGIBLE: u8 = 1 << 3;
    pub(super) const BACKED_UP: u8 = 1 << 4;
    pub(super) const HAS_CREDENTIAL: u8 = 1 << 6;
    pub(super) const HAS_EXTENSIONS: u8 = 1 << 7;
}

/// Longer credential ids are refused (WebAuthn section 7.1).
const CREDENTIAL_ID_LIMIT: usize = 1023;

/// Authenticator data, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AuthenticatorData<'a> {
    pub(super) rp_id_hash: &'a [u8; 32],
    flags: u8,
    pub(super) sign_count: u32,
    pub(super) credential: Option<AttestedCredential<'a>>,
}

/// A credential that was just made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AttestedCredential<'a> {
    pub(super) aaguid: &'a [u8; 16],
    pub(super) id: &'a [u8],
    /// A COSE key.
    pub(super) public_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Takes the bytes apart; all of them have to be accounted for.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, CeremonyError> {
        Self::take_apart(bytes).ok_or(CeremonyError::AuthenticatorData)
    }

    fn take_apart(bytes: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>()?;
        let (&flags, rest) = rest.split_first()?;
        let (sign_count, mut rest) = rest.split_first_chunk::<4>()?;
        let credential = if flags & bit::HAS_CREDENTIAL == 0 { None } else { Some(credential(&mut rest)?) };
        if flags & bit::HAS_EXTENSIONS != 0 && !item(&mut rest)?.is_map() {
            return None;
        }
        let sign_count = u32::from_be_bytes(*sign_count);
        rest.is_empty().then_some(Self { rp_id_hash, flags, sign_count, credential })
    }

    pub(super) const fn is_user_present(&self) -> bool {
        self.flags & bit::USER_PRESENT != 0
    }

    pub(super) const fn is_user_verified(&self) -> bool {
        self.flags & bit::USER_VERIFIED != 0
    }

    pub(super) const fn is_backup_eligible(&self) -> bool {
        self.flags & bit::BACKUP_ELIGIBLE != 0
    }

    /// What can't be backed up is not backed up.
    pub(super) const fn is_backup_consistent(&self) -> bool {
        self.flags & (bit::BACKUP_ELIGIBLE | bit::BACKED_UP) != bit::BACKED_UP
    }
}

fn credential<'a>(rest: &mut &'a [u8]) -> Option<AttestedCredential<'a>> {
    let (aaguid, after) = rest.split_first_chunk::<16>()?;
    let (length, after) = after.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (id, after) = after.split_at_checked(length)?;
    if id.is_empty() || id.len() > CREDENTIAL_ID_LIMIT {
        return None;
    }
    // How long the key is, only its end tells.
    *rest = after;
    item(rest)?;
    let public_key = &after[..after.len() - rest.len()];
    Some(AttestedCredential { aaguid, id, public_key })
}

/// One item of CBOR from the front.
fn item(rest: &mut &[u8]) -> Option<Value> {
    ciborium::from_reader(rest).ok()
}
