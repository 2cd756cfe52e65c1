//! Looking at tokens, and taking them back.

mod introspect;
mod jwks;
mod revoke;
mod verify;

pub(crate) use introspect::introspect;
pub(crate) use jwks::jwks;
pub(crate) use revoke::revoke;
pub(crate) use verify::verify;
