//! Roles and permissions. Changing them is for holders of the role `admin`.

mod holders;
mod manage;
mod permissions;
mod rights;

pub(crate) use holders::assign;
pub(crate) use holders::revoke;
pub(crate) use manage::create;
pub(crate) use manage::delete;
pub(crate) use manage::list;
pub(crate) use permissions::add_permissions;
pub(crate) use permissions::remove_permissions;
pub(crate) use rights::my_rights;
pub(crate) use rights::user_rights;
