//! A user's logins.

mod list;
mod revoke;
mod revoke_all;

pub(crate) use list::list;
pub(crate) use revoke::revoke;
pub(crate) use revoke_all::revoke_all;
