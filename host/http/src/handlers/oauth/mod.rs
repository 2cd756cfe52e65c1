//! Signing in through providers.

mod accounts;
mod authorize;
mod callback;
mod link;

pub(crate) use accounts::list;
pub(crate) use accounts::unlink;
pub(crate) use authorize::authorize;
pub(crate) use callback::callback;
pub(crate) use link::link;
pub(crate) use link::link_callback;
