//! Passkeys.

mod authenticate;
mod manage;
mod register;

pub(crate) use authenticate::begin_sign_in;
pub(crate) use authenticate::complete_sign_in;
pub(crate) use manage::delete;
pub(crate) use manage::list;
pub(crate) use register::begin_registration;
pub(crate) use register::complete_registration;

use crate::extract::Fields;

/// The fields of a `PublicKeyCredential`, which is the member `credential` of the body or the body itself.
fn credential<T>(fields: &mut Fields, read: impl FnOnce(&mut Fields) -> Option<T>) -> Option<T> {
    if fields.has("credential") { fields.object("credential", read) } else { read(fields) }
}

/// The id of a `PublicKeyCredential`.
fn credential_id(credential: &mut Fields) -> Option<Vec<u8>> {
    let kind = credential.constant("type", "public-key");
    let id = credential.bytes("id");
    kind.and(id)
}
